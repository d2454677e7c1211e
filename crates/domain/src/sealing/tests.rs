//! Sealed secrets open only for their location, with the right key and unmodified.

use proptest::prelude::*;

use super::{
    AssociatedData, EncryptionKey, KeyError, KeyId, Keyring, KeyringError, MAX_SECRET_BYTES,
    OpenError, SealError, Sealed, SecretVersion,
};
use crate::secret::Secret;

const HERE: AssociatedData<'_> =
    AssociatedData { table: "accounts", column: "sealed_token", key: "AC0123" };
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn key(id: &str, byte: u8) -> EncryptionKey {
    EncryptionKey::generate(KeyId::parse(id).unwrap(), [byte; 32]).unwrap()
}

fn keyring(keys: &[(&str, u8)]) -> Keyring {
    Keyring::new(keys.iter().map(|(id, byte)| key(id, *byte)).collect()).unwrap()
}

fn seal(keyring: &Keyring, location: &AssociatedData<'_>) -> Sealed {
    keyring.seal(location, SecretVersion::FIRST, &Secret::new(TOKEN.to_owned()), [9; 12]).unwrap()
}

fn open(
    keyring: &Keyring,
    location: &AssociatedData<'_>,
    bytes: &[u8],
) -> Result<String, OpenError> {
    keyring
        .open(location, &Sealed::from_bytes(bytes.to_vec()))
        .map(|secret| secret.expose().to_owned())
}

#[test]
fn a_secret_opens_for_the_location_it_was_sealed_for() {
    let keyring = keyring(&[("k1", 1)]);
    let sealed = seal(&keyring, &HERE);
    assert_eq!(keyring.open(&HERE, &sealed).unwrap().expose(), TOKEN);
    assert_eq!(sealed.key_id(), Some("k1"));
    assert_eq!(format!("{sealed:?}"), "Sealed(64 bytes by k1)");
}

#[test]
fn the_binary_format_is_stable() {
    let sealed = seal(&keyring(&[("k1", 1)]), &HERE);
    let hex: Vec<String> = sealed.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        hex.concat(),
        "01026b31090909090909090909090909ced1fc12bb4950c53188b8363f0fc2540544773b9c462affd4b98447c176683fd74e1b8047f125e07eb6f48e6071f0c3"
    );
}

#[test]
fn every_flipped_bit_is_detected() {
    let keyring = keyring(&[("k1", 1)]);
    let sealed = seal(&keyring, &HERE);
    for index in 0..sealed.as_bytes().len() {
        for bit in 0..8 {
            let mut bytes = sealed.as_bytes().to_vec();
            bytes[index] ^= 1 << bit;
            let error = open(&keyring, &HERE, &bytes).unwrap_err();
            match index {
                // The version, and the length of the id, which then includes bytes of the nonce.
                0 | 1 => assert!(matches!(error, OpenError::Corrupt { .. }), "{index} {bit}"),
                2 | 3 => assert!(
                    matches!(error, OpenError::UnknownKey { .. } | OpenError::Corrupt { .. }),
                    "{index} {bit}"
                ),
                _ => assert!(
                    matches!(error, OpenError::AuthenticationFailed { .. }),
                    "{index} {bit}"
                ),
            }
        }
    }
}

#[test]
fn every_truncation_is_detected() {
    let keyring = keyring(&[("k1", 1)]);
    let sealed = seal(&keyring, &HERE);
    let shortest = 2 + 2 + 12 + 16;
    for length in 0..sealed.as_bytes().len() {
        let error = open(&keyring, &HERE, &sealed.as_bytes()[..length]).unwrap_err();
        let is_corrupt = matches!(error, OpenError::Corrupt { .. });
        assert_eq!(is_corrupt, length < shortest, "{length}: {error}");
    }
    let mut longer = sealed.as_bytes().to_vec();
    longer.push(0);
    assert!(matches!(open(&keyring, &HERE, &longer), Err(OpenError::AuthenticationFailed { .. })));
}

#[test]
fn a_secret_opens_for_no_other_location() {
    let keyring = keyring(&[("k1", 1)]);
    let sealed = seal(&keyring, &HERE);
    let other_locations = [
        AssociatedData { table: "agents", ..HERE },
        AssociatedData { column: "sealed_next_token", ..HERE },
        AssociatedData { key: "AC0124", ..HERE },
        // The same letters, shifted from one part into the next.
        AssociatedData { table: "account", column: "ssealed_token", ..HERE },
        AssociatedData { column: "sealed_tokenA", key: "C0123", ..HERE },
        AssociatedData { table: "", column: "accountssealed_token", ..HERE },
    ];
    for location in other_locations {
        let error = keyring.open(&location, &sealed).unwrap_err();
        assert!(matches!(error, OpenError::AuthenticationFailed { .. }), "{location}");
    }
}

#[test]
fn a_replacement_never_has_the_first_version() {
    for random in [[0; 8], [0xff; 8], [0, 0, 0, 0, 0, 0, 0, 1]] {
        assert_ne!(SecretVersion::replacement(random), SecretVersion::FIRST, "{random:?}");
    }
}

#[test]
fn swapped_rows_do_not_open() {
    let keyring = keyring(&[("k1", 1)]);
    let other = AssociatedData { key: "AC9999", ..HERE };
    let (here, there) = (seal(&keyring, &HERE), seal(&keyring, &other));
    assert!(keyring.open(&HERE, &there).is_err() && keyring.open(&other, &here).is_err());
}

#[test]
fn an_old_key_opens_after_a_rotation_until_it_is_removed() {
    let old = keyring(&[("k1", 1)]);
    let rotated = keyring(&[("k2", 2), ("k1", 1)]);
    let sealed = seal(&old, &HERE);
    assert_eq!(rotated.open(&HERE, &sealed).unwrap().expose(), TOKEN);
    assert_eq!(seal(&rotated, &HERE).key_id(), Some("k2"));
    assert_eq!(rotated.sealing_key_id().as_str(), "k2");
    assert_eq!(rotated.key_ids().map(KeyId::as_str).collect::<Vec<_>>(), ["k2", "k1"]);
    assert_eq!(
        keyring(&[("k2", 2)]).open(&HERE, &sealed).unwrap_err().to_string(),
        "accounts.sealed_token of AC0123 is encrypted with key k1, which is not among the encryption keys"
    );
}

#[test]
fn another_key_with_the_same_id_does_not_open() {
    let sealed = seal(&keyring(&[("k1", 1)]), &HERE);
    let error = keyring(&[("k1", 2)]).open(&HERE, &sealed).unwrap_err();
    assert_eq!(
        error.to_string(),
        "accounts.sealed_token of AC0123 cannot be decrypted with key k1: it was encrypted for another row or \
         with another key of that id, was modified, or is one that has been replaced"
    );
}

#[test]
fn a_secret_does_not_open_under_another_id_of_the_same_key() {
    let mut bytes = seal(&keyring(&[("k1", 1)]), &HERE).as_bytes().to_vec();
    bytes[3] = b'2';
    let error = open(&keyring(&[("k2", 1)]), &HERE, &bytes).unwrap_err();
    assert!(matches!(error, OpenError::AuthenticationFailed { .. }));
}

#[test]
fn the_error_for_invalid_bytes_names_their_location() {
    let error = open(&keyring(&[("k1", 1)]), &HERE, b"plain text").unwrap_err();
    assert_eq!(error.to_string(), "accounts.sealed_token of AC0123 is not an encrypted secret");
    assert_eq!(format!("{:?}", Sealed::from_bytes(vec![])), "Sealed(0 bytes by an unknown key)");
}

#[test]
fn a_secret_of_more_than_64_kib_is_refused() {
    let keyring = keyring(&[("k1", 1)]);
    let seal = |length| {
        keyring.seal(&HERE, SecretVersion::FIRST, &Secret::new("s".repeat(length)), [9; 12])
    };
    assert!(seal(MAX_SECRET_BYTES).is_ok());
    assert_eq!(seal(MAX_SECRET_BYTES + 1), Err(SealError::TooLong));
}

#[test]
fn a_list_of_keys_is_parsed_in_its_order() {
    let setting = |id, byte| key(id, byte).to_setting().expose().to_owned();
    let list = format!("{}, {}", setting("k2", 2), setting("k1", 1));
    assert_eq!(
        format!("{:?}", Keyring::parse(&list).unwrap()),
        "[EncryptionKey(k2), EncryptionKey(k1)]"
    );
}

#[test]
fn an_invalid_list_of_keys_is_refused_and_not_echoed() {
    let setting = |id, byte| key(id, byte).to_setting().expose().to_owned();
    let (one, two) = (setting("k1", 1), setting("k2", 2));
    let id = |id| KeyId::parse(id).unwrap();
    let form = |position| KeyringError::Key { position, source: KeyError::Form };
    let refused = [
        (String::new(), KeyringError::Empty),
        (" \n".to_owned(), KeyringError::Empty),
        (",".to_owned(), form(1)),
        (format!("{one},"), form(2)),
        (format!("{one},{}", &two[3..]), form(2)),
        (format!("{one},{two},{}", setting("k1", 3)), KeyringError::SameId { id: id("k1") }),
        (
            format!("{one},{}", setting("k3", 1)),
            KeyringError::SameKey { first: id("k1"), second: id("k3") },
        ),
    ];
    for (text, reason) in refused {
        let error = Keyring::parse(&text).unwrap_err();
        assert_eq!(error, reason);
        assert!(!format!("{error} {error:?}").contains("AQEB"));
    }
    assert!(matches!(Keyring::new(vec![]), Err(KeyringError::Empty)));
}

#[test]
fn each_organization_has_a_signing_secret_of_each_key() {
    let organization = |n| {
        crate::identifier::OrganizationId::new(crate::time::Timestamp::from_seconds(0), [n; 10])
    };
    let of = |keys: &[(&str, u8)], n| {
        let secrets = keyring(keys).request_signing_secrets(&organization(n)).unwrap();
        secrets.into_iter().map(|secret| secret.to_vec()).collect::<Vec<_>>()
    };
    let before = of(&[("old", 7)], 1);
    let during = of(&[("new", 8), ("old", 7)], 1);
    assert_eq!((during.len(), &during[1..]), (2, &before[..]));
    assert_eq!(of(&[("new", 8)], 1), during[..1]);
    assert_ne!(of(&[("old", 7)], 2), before);
    assert!(before[0].len() == 32 && before != during[..1]);
}

#[test]
fn session_tokens_are_verified_by_every_key_of_the_keyring() {
    let (old, rotated) = (keyring(&[("k1", 1)]), keyring(&[("k2", 2), ("k1", 1)]));
    let claims = crate::session::fixtures::claims();
    let token = old.session_keys().mint(&claims);
    assert_eq!(rotated.session_keys().verify(&token, claims.issued_at), Ok(claims));
}

proptest! {
    #[test]
    fn any_sealed_secret_opens(
        text: String, table: String, column: String, row: String, nonce: [u8; 12], byte in 1_u8..,
        id in "[A-Za-z0-9_-]{1,32}", version: i64,
    ) {
        let keyring = keyring(&[(&id, byte)]);
        let location = AssociatedData { table: &table, column: &column, key: &row };
        let version = SecretVersion::from_number(version);
        let sealed = keyring.seal(&location, version, &Secret::new(text.clone()), nonce).unwrap();
        prop_assert_eq!(sealed.key_id(), Some(id.as_str()));
        let opened = keyring.open(&location, &sealed).unwrap();
        prop_assert_eq!(opened.expose(), text);
    }

    #[test]
    fn different_locations_encode_differently(
        a in prop::array::uniform3("[ab]{0,3}"), b in prop::array::uniform3("[ab]{0,3}"),
    ) {
        let location = |[table, column, key]: &[String; 3]| {
            AssociatedData { table, column, key }.encode(b"header", SecretVersion::FIRST)
        };
        prop_assert_eq!(location(&a) == location(&b), a == b);
    }

    #[test]
    fn a_secret_opens_with_its_own_version_only(sealed_as: Option<[u8; 8]>, stored_as: i64, bit in 0..64_u32) {
        let keyring = keyring(&[("k1", 1)]);
        let version = sealed_as.map_or(SecretVersion::FIRST, SecretVersion::replacement);
        let sealed = keyring.seal(&HERE, version, &Secret::new(TOKEN.to_owned()), [9; 12]).unwrap();
        for number in [0, 1, stored_as, version.number(), version.number() ^ (1 << bit)] {
            let stored = Sealed::of_version(sealed.as_bytes().to_vec(), SecretVersion::from_number(number));
            let opened = keyring.open(&HERE, &stored).map(|secret| secret.expose().to_owned());
            if number == version.number() {
                prop_assert_eq!(opened.unwrap(), TOKEN);
            } else {
                let is_refused = matches!(opened, Err(OpenError::AuthenticationFailed { .. }));
                prop_assert!(is_refused, "{} opened as {}", version.number(), number);
            }
        }
    }

    #[test]
    fn arbitrary_bytes_neither_open_nor_panic(bytes in prop::collection::vec(any::<u8>(), 0..=200), near: bool) {
        let mut bytes = bytes;
        if near {
            // Most random bytes fail at the first check; these get further.
            bytes.splice(0..bytes.len().min(4), *b"\x01\x02k1");
        }
        let sealed = Sealed::from_bytes(bytes.clone());
        prop_assert_eq!(sealed.as_bytes(), &bytes[..]);
        let shown = format!("{:?} {:?}", sealed, sealed.key_id());
        prop_assert!(!shown.is_empty());
        prop_assert!(keyring(&[("k1", 1)]).open(&HERE, &sealed).is_err());
    }
}
