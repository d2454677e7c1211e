//! Locations of phone numbers.

/// City, state, zip and country of an address: a fixed place for North American numbers, only the country for other
/// known prefixes, and empty otherwise, as Twilio sends unknown locations.
pub(super) fn location(address: &str) -> [&'static str; 4] {
    const COUNTRIES: [(&str, &str); 8] = [
        ("+44", "GB"),
        ("+49", "DE"),
        ("+33", "FR"),
        ("+34", "ES"),
        ("+39", "IT"),
        ("+31", "NL"),
        ("+61", "AU"),
        ("+353", "IE"),
    ];
    if address.starts_with("+1") && address.len() == 12 {
        return ["SAN FRANCISCO", "CA", "94105", "US"];
    }
    let known = COUNTRIES.iter().find(|(prefix, _)| address.starts_with(prefix));
    ["", "", "", known.map_or("", |(_, country)| country)]
}

#[cfg(test)]
mod tests {
    use super::location;

    #[test]
    fn an_unknown_location_is_empty() {
        assert_eq!(location("+14155550100")[3], "US");
        assert_eq!(location("+442079460958"), ["", "", "", "GB"]);
        assert_eq!(location("anonymous"), [""; 4]);
        // `+266696687` is "anonymous" on a keypad, not a number.
        assert_eq!(location("+266696687"), [""; 4]);
    }
}
