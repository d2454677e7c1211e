//! What is odd or wrong about rows of the earlier system.

use std::fmt;

use switchboard_domain::phone_number::Masked;

/// Most remarks that are shown; of the others only the count is.
const MOST_SHOWN: usize = 50;

/// Something about one value of the earlier system. Never the value of a token or of a phone number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The table.
    pub table: &'static str,
    /// The key of the row; of a phone number only the last two characters.
    pub key: String,
    /// The column, or several.
    pub field: String,
    /// What is to be said.
    pub what: String,
}

impl Remark {
    pub(super) fn of_chatbot(id: &str, field: &str, what: impl Into<String>) -> Self {
        let key = id.chars().filter(|character| !character.is_control()).collect();
        Self { table: "Chatbot", key, field: field.to_owned(), what: what.into() }
    }

    pub(super) fn of_number(phone_number: &str, field: &str, what: impl Into<String>) -> Self {
        let key = Masked::new(phone_number.trim()).to_string();
        Self { table: "TwilioPhoneNumber", key, field: field.to_owned(), what: what.into() }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, {}: {}", self.table, self.key, self.field, self.what)
    }
}

/// Values that cannot be taken over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Remark>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0.len() == 1 { "mistake" } else { "mistakes" };
        write!(f, "{} {plural} in the database of the earlier system", self.0.len())?;
        for remark in self.0.iter().take(MOST_SHOWN) {
            write!(f, "\n  {remark}")?;
        }
        match self.0.len().saturating_sub(MOST_SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Mistakes, Remark};

    #[test]
    fn fifty_are_shown_and_numbers_by_their_last_two_digits() {
        let remark = Remark::of_number(" +1 (415) 555-0142", "phoneNumber", "is odd");
        let text = Mistakes(vec![remark; 51]).to_string();
        assert!(text.starts_with(
            "51 mistakes in the database of the earlier system\n  TwilioPhoneNumber …42, phoneNumber: is odd\n"
        ), "{text}");
        assert!(text.ends_with("\n  and 1 more") && !text.contains("555"));
    }

    #[test]
    fn a_key_of_several_lines_stays_in_one() {
        assert_eq!(
            Remark::of_chatbot("a\nb", "name", "is odd").to_string(),
            "Chatbot ab, name: is odd"
        );
    }
}
