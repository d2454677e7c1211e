//! The shape of a list of laws.

/// Turns one list of laws into the functions themselves and into a macro that stamps them on a harness.
///
/// The first token is a dollar sign, which the inner macro needs for its own argument and which cannot be
/// written in the outer one.
macro_rules! laws {
    (
        $dollar:tt
        $(#[$about:meta])*
        $stamp:ident in $module:ident;
        $($(#[doc = $sentence:literal])+ async fn $law:ident($world:ident: &World) $body:block)+
    ) => {
        $($(#[doc = $sentence])+ pub async fn $law($world: &$crate::World) $body)+

        $(#[$about])*
        #[macro_export]
        macro_rules! $stamp {
            ($dollar harness:ty) => {$(
                $(#[doc = $sentence])+
                #[tokio::test(flavor = "multi_thread")]
                async fn $law() {
                    $crate::uphold::<$dollar harness>($crate::$module::$law).await;
                }
            )+};
        }
    };
}
