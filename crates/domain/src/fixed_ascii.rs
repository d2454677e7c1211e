//! Identifiers stored as ASCII text of a fixed length: no allocation, and no UTF-8 check to append one to a buffer.

/// Defines a type that wraps `[u8; LENGTH]` of ASCII text. Derives and constructors are the caller's; the type must
/// only be constructed from ASCII.
macro_rules! fixed_ascii {
    ($(#[$attribute:meta])* pub struct $name:ident([u8; $length:expr]);) => {
        $(#[$attribute])*
        pub struct $name([u8; $length]);

        impl $name {
            /// The text as ASCII bytes.
            pub const fn as_bytes(&self) -> &[u8; $length] {
                &self.0
            }

            /// The stored characters.
            pub fn as_str(&self) -> &str {
                // Every constructor checks for ASCII, and nothing changes the bytes.
                std::str::from_utf8(&self.0).unwrap_or_default()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use fixed_ascii;
