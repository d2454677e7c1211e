//! Timestamps in Twilio's formats.

use switchboard_domain::time::Timestamp;

/// `Thu, 30 Jul 2015 20:00:00 +0000`: the format of the 2010 API (RFC 2822).
pub(crate) fn rfc_2822(time: Timestamp) -> String {
    instant(time).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// `2015-07-30T20:00:00Z`: the format of newer APIs (RFC 3339).
pub(crate) fn rfc_3339(time: Timestamp) -> String {
    instant(time).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2015-07-30T20:00:00.123456Z`: the format of the status callbacks of streams.
pub(crate) fn rfc_3339_micros(time: Timestamp) -> String {
    instant(time).to_string()
}

/// `2015-07-30`: the UTC date that list filters use.
pub(crate) fn day(time: Timestamp) -> String {
    instant(time).strftime("%Y-%m-%d").to_string()
}

fn instant(time: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(time.micros()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use switchboard_domain::time::Timestamp;

    use super::{day, rfc_2822, rfc_3339};

    #[test]
    fn a_timestamp_is_formatted_as_twilio_formats_it() {
        let time = Timestamp::from_seconds(1_438_286_400);
        assert_eq!(rfc_2822(time), "Thu, 30 Jul 2015 20:00:00 +0000");
        assert_eq!(rfc_3339(time), "2015-07-30T20:00:00Z");
        assert_eq!(day(time), "2015-07-30");
    }
}
