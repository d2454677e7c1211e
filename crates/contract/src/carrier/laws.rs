//! The shape of a list of laws of a carrier's port.

/// Turns one list of laws into the functions themselves and into a macro that stamps them on a harness.
///
/// The first token is a dollar sign, which the inner macro needs for its own argument and which cannot be
/// written in the outer one.
macro_rules! carrier_laws {
    (
        $dollar:tt
        $(#[$about:meta])*
        $stamp:ident in $module:ident;
        $($(#[doc = $sentence:literal])+ async fn $law:ident($world:ident: &$type:ident) $body:block)+
    ) => {
        $($(#[doc = $sentence])+ pub async fn $law($world: &$type) $body)+

        $(#[$about])*
        #[macro_export]
        macro_rules! $stamp {
            ($dollar harness:ty) => {$(
                $(#[doc = $sentence])+
                #[tokio::test(flavor = "multi_thread")]
                async fn $law() {
                    $crate::carrier::uphold::<$dollar harness>($crate::carrier::$module::$law).await;
                }
            )+};
        }
    };
}
