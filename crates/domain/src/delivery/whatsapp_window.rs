//! `WhatsApp`'s customer service window: for 24 hours after a message of a contact, a sender may write any text to the contact;
//! otherwise only approved templates (Twilio, error 63016).

use super::addresses_of_contact;
use crate::address::{Address, Channel};
use crate::time::Timestamp;

/// How long the window is open after the last message of the contact, in seconds.
const WINDOW_SECONDS: i64 = 24 * 60 * 60;

/// Whether any text may be sent now. `last` is when the contact last wrote to the sender; `None` if it never did.
pub fn is_window_open(last: Option<Timestamp>, now: Timestamp) -> bool {
    last.is_some_and(|last| now < last.plus_seconds(WINDOW_SECONDS))
}

/// The addresses from which a message of the contact opens the window; `None` if the message is not by `WhatsApp`, which
/// alone has a window.
pub fn window_openers(from: &Address, to: &Address) -> Option<Vec<Address>> {
    if from.message_channel() != Channel::WhatsApp {
        return None;
    }
    let all = addresses_of_contact(to).into_iter();
    Some(all.filter(|address| address.message_channel() == Channel::WhatsApp).collect())
}

#[cfg(test)]
mod tests {
    use super::{is_window_open, window_openers};
    use crate::address::Address;
    use crate::time::Timestamp;

    #[test]
    fn the_window_is_open_for_24_hours() {
        let at = Timestamp::from_micros;
        let day = 24 * 60 * 60 * 1_000_000;
        for (last, now, is_open) in [
            (None, 0, false),
            (Some(5), 5, true),
            (Some(5), day + 4, true),
            (Some(5), day + 5, false),
            (Some(5), 3 * day, false),
            // Our clock was set back.
            (Some(5), 0, true),
        ] {
            assert_eq!(is_window_open(last.map(at), at(now)), is_open, "{last:?} {now}");
        }
    }

    #[test]
    fn only_whatsapp_has_a_window_which_each_spelling_opens() {
        let parse = |text| Address::parse(text).unwrap();
        let openers = |from, to| window_openers(&parse(from), &parse(to));
        assert_eq!(openers("+14155550100", "+14155550199"), None);
        assert_eq!(openers("rcs:acme_agent", "rcs:+14155550199"), None);
        let mexican = ["whatsapp:+525512345678", "whatsapp:+5215512345678"].map(parse);
        let found = openers("whatsapp:+14155550100", "whatsapp:+525512345678");
        assert_eq!(found, Some(mexican.to_vec()));
        let user = openers("whatsapp:+14155550100", "whatsapp:US.123");
        assert_eq!(user, Some(vec![parse("whatsapp:US.123")]));
    }
}
