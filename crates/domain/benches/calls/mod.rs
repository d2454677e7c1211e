//! Forms of voice webhooks, all different.

/// Enough to defeat the CPU's branch predictor: parsing one form over and over takes a quarter less time than parsing
/// different forms.
const CALLS: u64 = 2_000;

const CITIES: [(&str, &str, &str, &str); 5] = [
    ("SAN+FRANCISCO", "CA", "94107", "US"),
    ("MONTR%C3%89AL", "QC", "H2X+1Y4", "CA"),
    ("", "", "", "US"),
    ("COEUR+D%27ALENE", "ID", "83814", "US"),
    ("AUSTIN", "TX", "73301", "US"),
];

/// Returns forms of twenty fields each.
pub(crate) fn different() -> Vec<String> {
    (0..CALLS).map(form).collect()
}

fn form(index: u64) -> String {
    let chance = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let city = |chance: u64| CITIES[usize::try_from(chance % 5).unwrap_or_default()];
    let (city, state, zip, country) = city(chance >> 7);
    let (from, to) = (2_010_000_000 + chance % 7_000_000_000, 2_000_000_000 + 7_919 * index);
    format!(
        "AccountSid=AC{chance:032x}&ApiVersion=2010-04-01&CallSid=CA{index:032x}&CallStatus=ringing&Called=%2B1{to}\
         &CalledCity={city}&Caller=%2B1{from}&CallerCity={city}&Direction=inbound&From=%2B1{from}&FromCity={city}\
         &FromCountry={country}&FromState={state}&FromZip={zip}&StirVerstat=TN-Validation-Passed-A&To=%2B1{to}\
         &ToCity={city}&ToCountry={country}&ToState={state}&ToZip={zip}"
    )
}
