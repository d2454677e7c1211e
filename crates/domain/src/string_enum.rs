//! The macro for enums that have a stable name.

/// Defines an enum whose variants each have a stable name, for SQL, JSON, metrics and the command line.
///
/// The enum must be `Copy`. The macro adds the constant `ALL`, an array of every variant in the order of their
/// definition; `as_str`, the stable name of a variant; and `parse`, the variant of a stable name.
///
/// ```
/// switchboard_domain::string_enum! {
///     /// The color of a traffic light.
///     #[derive(Clone, Copy, Debug, PartialEq, Eq)]
///     pub enum Light {
///         /// Stop.
///         Red = "red",
///         /// Go.
///         Green = "green",
///     }
/// }
///
/// assert_eq!(Light::ALL, [Light::Red, Light::Green]);
/// assert_eq!(Light::Green.as_str(), "green");
/// assert_eq!(Light::parse("red"), Some(Light::Red));
/// assert_eq!(Light::parse("Red"), None);
/// ```
#[macro_export]
macro_rules! string_enum {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$variant_attribute:meta])* $variant:ident = $text:literal),+ $(,)?
        }
    ) => {
        $(#[$attribute])*
        $visibility enum $name {
            $($(#[$variant_attribute])* $variant,)+
        }

        impl $name {
            /// Every variant, in the order of their definition.
            $visibility const ALL: [Self; [$($text),+].len()] = [$(Self::$variant),+];

            /// Stable name used in SQL, JSON, metrics and on the command line.
            $visibility const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// The variant with this stable name. The case of letters matters.
            $visibility fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}
