//! Reads arguments, and files for values that must not be arguments.

use std::fmt::Display;
use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};

use switchboard_application_management::{AccountRef, AuthToken, Edit, IdOrName};
use switchboard_domain::agent::Label;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::sid::AccountSid;

use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;

/// Maximum size of a file, in bytes. A prompt may have 256 KiB.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// Whether an argument of this process was read from standard input.
static STANDARD_INPUT_IS_READ: AtomicBool = AtomicBool::new(false);

/// Parses the value of an argument. The error does not contain the value, which may be a phone number or a misplaced
/// token.
pub(super) fn parse<T, E: Display>(
    argument: &str,
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, Failure> {
    parse(text).map_err(|error| Failure::argument(argument, error))
}

/// The change that an option and its `--no-…` flag request. A given value takes precedence.
pub(super) fn edit<T>(given: Option<T>, no_flag: bool) -> Edit<T> {
    if given.is_none() && no_flag { Edit::Clear } else { Edit::from(given) }
}

/// Parses the value of an optional argument.
pub(super) fn parse_given<T, E: Display>(
    argument: &str,
    text: Option<&str>,
    with: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, Failure> {
    text.map(|text| parse(argument, text, with)).transpose()
}

/// An account, by its SID or name.
pub(super) fn account(argument: &str, text: &str) -> Result<AccountRef, Failure> {
    parse(argument, text, AccountRef::parse)
}

/// The account of an optional argument.
pub(super) async fn given_account(
    installation: &Installation,
    argument: &str,
    text: Option<&str>,
) -> Result<Option<AccountSid>, Failure> {
    match text {
        Some(text) => {
            let account = account(argument, text)?;
            let sid = account.sid(installation.store.accounts(), &Scope::Operator).await;
            sid.doing(looking_up(argument)).map(Some)
        }
        None => Ok(None),
    }
}

/// An organization, by its id or name.
pub(super) async fn organization(
    installation: &Installation,
    argument: &str,
    text: &str,
) -> Result<OrganizationId, Failure> {
    let word = id_or_name(argument, text, "org_", OrganizationId::parse)?;
    let found = word.organization(installation.store.organizations(), &Scope::Operator).await;
    found.doing(looking_up(argument))
}

/// The organization of an optional argument.
pub(super) async fn given_organization(
    installation: &Installation,
    argument: &str,
    text: Option<&str>,
) -> Result<Option<OrganizationId>, Failure> {
    match text {
        Some(text) => organization(installation, argument, text).await.map(Some),
        None => Ok(None),
    }
}

/// Parses an id, which begins with its prefix, or a name.
pub(super) fn id_or_name<I, E: Display>(
    argument: &str,
    text: &str,
    prefix: &str,
    parse_id: impl FnOnce(&str) -> Result<I, E>,
) -> Result<IdOrName<I>, Failure> {
    let text = text.trim();
    if text.starts_with(prefix) {
        return parse(argument, text, parse_id).map(IdOrName::Id);
    }
    parse(argument, text, Label::parse).map(IdOrName::Name)
}

/// What is being done with the value of an argument that names something stored.
pub(super) fn looking_up(argument: &str) -> String {
    format!("looking up {argument}")
}

/// For `parse`: an error that reads as a sentence after the argument's name.
pub(super) fn account_sid(text: &str) -> Result<AccountSid, String> {
    AccountSid::parse(text.trim()).map_err(|error| format!("is not an account SID: {error}"))
}

/// Reads a token from a file, or from standard input for `-`.
pub(super) fn token(argument: &str, path: &str) -> Result<AuthToken, Failure> {
    let text = switchboard_domain::secret::Secret::new(text(argument, path)?);
    AuthToken::parse(text.expose())
        .map_err(|error| Failure::local(format!("{argument} {path}: the token {error}")))
}

/// Reads a text from a file, or from standard input for `-`.
pub(super) fn text(argument: &str, path: &str) -> Result<String, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::local(format!("{argument} {path} cannot be read: {error}"))
    };
    let mut text = String::new();
    let read = if path == "-" {
        // A second read finds nothing, which must not be taken for an empty file.
        if STANDARD_INPUT_IS_READ.swap(true, Ordering::Relaxed) {
            return Err(two_standard_inputs());
        }
        std::io::stdin().lock().take(MAX_FILE_BYTES + 1).read_to_string(&mut text)
    } else {
        let file = std::fs::File::open(path).map_err(unreadable)?;
        file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text)
    };
    let length = read.map_err(unreadable)?;
    if length as u64 > MAX_FILE_BYTES {
        return Err(Failure::local(format!(
            "{argument} {path} is longer than 1 MiB; check that it is the right file"
        )));
    }
    Ok(text)
}

/// Refuses two files that are both standard input.
pub(super) fn refuse_two_standard_inputs(paths: &[Option<&str>]) -> Result<(), Failure> {
    if paths.iter().filter(|path| **path == Some("-")).count() > 1 {
        return Err(two_standard_inputs());
    }
    Ok(())
}

fn two_standard_inputs() -> Failure {
    Failure::usage("standard input (-) can be read only once; put one of the two in a file")
}

#[cfg(test)]
mod tests {
    use super::{refuse_two_standard_inputs, text, token};

    #[test]
    fn a_token_file_loses_its_line_end_and_shows_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token.txt");
        std::fs::write(&path, "deadbeef\r\n").unwrap();
        assert_eq!(
            token("--token-file", path.to_str().unwrap()).unwrap().secret().expose(),
            "deadbeef"
        );
        std::fs::write(&path, "dead beef").unwrap();
        let failure = format!("{:?}", token("--token-file", path.to_str().unwrap()).unwrap_err());
        assert!(failure.contains("white space") && !failure.contains("beef"), "{failure}");
    }

    #[test]
    fn what_is_far_too_long_is_not_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("video.mp4");
        std::fs::write(&path, vec![b'x'; 2 * 1024 * 1024]).unwrap();
        assert!(text("--prompt-file", path.to_str().unwrap()).is_err());
    }

    #[test]
    fn standard_input_is_read_once() {
        assert!(refuse_two_standard_inputs(&[Some("-"), None]).is_ok());
        assert!(refuse_two_standard_inputs(&[Some("-"), Some("-")]).is_err());
        // The tests have no standard input, so it is empty.
        assert_eq!(text("--key", "-").unwrap(), "");
        let again = format!("{:?}", text("--prompt-file", "-").unwrap_err());
        assert!(again.contains("only once"), "{again}");
    }
}
