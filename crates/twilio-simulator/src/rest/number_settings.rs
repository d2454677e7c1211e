//! Applies a request to the settings of a number.

use super::request::Parameters;
use super::response::ApiError;
use super::values::{flag, method, reference, url};
use crate::simulator::{Account, Capabilities, NumberSettings, ReceiveMode, Sid};

/// Applies a request to the settings. Parameters that are not sent keep their values, empty ones clear theirs, and
/// unknown ones are ignored.
///
/// A trunk and a voice application are mutually exclusive: setting one clears the other. A number without messaging
/// capability rejects every message setting except an empty one (Twilio, error 21407).
pub(crate) fn set(
    mut settings: NumberSettings,
    sent: &Parameters,
    capabilities: Capabilities,
    account: &Account,
) -> Result<NumberSettings, ApiError> {
    for (name, value) in sent.iter() {
        if is_for_messages(name) && !value.is_empty() && !capabilities.sms && !capabilities.mms {
            return Err(ApiError::invalid(21407, "This Phone Number type does not support SMS"));
        }
        match name {
            "VoiceUrl" => settings.voice_url = url(name, value)?,
            "VoiceMethod" => settings.voice_method = method(name, value)?,
            "VoiceFallbackUrl" => settings.voice_fallback_url = url(name, value)?,
            "VoiceFallbackMethod" => settings.voice_fallback_method = method(name, value)?,
            "StatusCallback" => settings.status_callback = url(name, value)?,
            "StatusCallbackMethod" => settings.status_callback_method = method(name, value)?,
            "SmsUrl" => settings.sms_url = url(name, value)?,
            "SmsMethod" => settings.sms_method = method(name, value)?,
            "SmsFallbackUrl" => settings.sms_fallback_url = url(name, value)?,
            "SmsFallbackMethod" => settings.sms_fallback_method = method(name, value)?,
            "VoiceApplicationSid" => {
                settings.voice_application_sid = application(account, name, value)?;
                if settings.voice_application_sid.is_some() {
                    settings.trunk_sid = None;
                }
            }
            "SmsApplicationSid" => {
                settings.sms_application_sid = application(account, name, value)?;
            }
            "TrunkSid" => {
                settings.trunk_sid = reference("TK", name, value)?;
                if settings.trunk_sid.is_some() {
                    settings.voice_application_sid = None;
                }
            }
            "VoiceCallerIdLookup" => settings.voice_caller_id_lookup = flag(name, value)?,
            "VoiceReceiveMode" => settings.voice_receive_mode = receive_mode(value)?,
            _ => {}
        }
    }
    let fallback_alone =
        |fallback: &str, url: &str| sent.non_empty(fallback).is_some() && url.is_empty();
    if fallback_alone("VoiceFallbackUrl", &settings.voice_url) {
        return Err(ApiError::invalid(
            21405,
            "Cannot set VoiceFallbackUrl without setting VoiceUrl",
        ));
    }
    if fallback_alone("SmsFallbackUrl", &settings.sms_url) {
        return Err(ApiError::invalid(21406, "Cannot set SmsFallbackUrl without setting SmsUrl"));
    }
    Ok(settings)
}

fn is_for_messages(name: &str) -> bool {
    ["SmsUrl", "SmsMethod", "SmsFallbackUrl", "SmsFallbackMethod"].contains(&name)
}

/// Parses an application of the same account (Twilio, error 21218).
fn application(account: &Account, name: &str, value: &str) -> Result<Option<Sid>, ApiError> {
    let sid = reference("AP", name, value)?;
    if sid.is_some_and(|sid| account.applications.get(sid).is_none()) {
        return Err(ApiError::invalid(21218, format!("{name} is not valid: {value}")));
    }
    Ok(sid)
}

fn receive_mode(value: &str) -> Result<ReceiveMode, ApiError> {
    match value {
        "voice" | "" => Ok(ReceiveMode::Voice),
        "fax" => Ok(ReceiveMode::Fax),
        _ => Err(ApiError::invalid(20001, format!("VoiceReceiveMode is not valid: {value}"))),
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::secret::Secret;
    use switchboard_domain::sid::AccountSid;
    use switchboard_domain::time::Timestamp;

    use super::set;
    use crate::rest::request::Parameters;
    use crate::rest::response::ApiError;
    use crate::simulator::{
        Account, Application, ApplicationSettings, Capabilities, NumberSettings, Sid, WebhookMethod,
    };

    const APPLICATION: &str = "AP00000000000000000000000000000001";
    const TRUNK: &str = "TK00000000000000000000000000000001";

    fn account() -> Account {
        let sid = AccountSid::parse("AC00000000000000000000000000000001").unwrap();
        let now = Timestamp::from_seconds(0);
        let mut account = Account::new(sid, sid, Secret::new("token".to_owned()), now);
        account.applications.put(Application {
            sid: Sid::parse("AP", APPLICATION).unwrap(),
            friendly_name: String::new(),
            settings: ApplicationSettings::default(),
            created: now,
            updated: now,
        });
        account
    }

    fn after(settings: NumberSettings, sent: &str) -> Result<NumberSettings, ApiError> {
        let sent = Parameters::read(sent.as_bytes()).unwrap();
        set(settings, &sent, Capabilities::default(), &account())
    }

    #[test]
    fn only_sent_parameters_change_and_empty_ones_clear() {
        let one = after(
            NumberSettings::default(),
            "VoiceUrl=https://a/v&VoiceMethod=GET&SmsUrl=https://a/s",
        );
        let two = after(one.clone().unwrap(), "SmsUrl=&Unknown=1").unwrap();
        assert_eq!(two, NumberSettings { sms_url: String::new(), ..one.unwrap() });
        assert_eq!((&two.voice_url[..], two.voice_method), ("https://a/v", WebhookMethod::Get));
    }

    #[test]
    fn a_trunk_and_an_application_are_mutually_exclusive() {
        let trunk = after(NumberSettings::default(), &format!("TrunkSid={TRUNK}")).unwrap();
        assert_eq!(trunk.trunk_sid.unwrap().as_str(), TRUNK);
        let application = after(trunk, &format!("VoiceApplicationSid={APPLICATION}")).unwrap();
        assert_eq!(application.trunk_sid, None);
        let trunk = after(application.clone(), &format!("TrunkSid={TRUNK}")).unwrap();
        assert_eq!(trunk.voice_application_sid, None);
        let stored = after(application.clone(), "TrunkSid=").unwrap();
        assert_eq!(stored, application);
    }

    #[test]
    fn an_invalid_setting_is_rejected_with_twilios_error_code() {
        for (sent, code) in [
            ("VoiceUrl=nowhere", 21402),
            ("StatusCallback=/status", 21402),
            ("SmsMethod=FROB", 21403),
            ("VoiceFallbackUrl=https://a", 21405),
            ("SmsFallbackUrl=https://a", 21406),
            ("VoiceApplicationSid=AP00000000000000000000000000000002", 21218),
            ("TrunkSid=1", 20001),
            ("VoiceReceiveMode=telex", 20001),
        ] {
            assert_eq!(after(NumberSettings::default(), sent).unwrap_err().code, code, "{sent}");
        }
    }

    #[test]
    fn a_number_without_messaging_accepts_only_empty_message_settings() {
        let voice = Capabilities { sms: false, mms: false, ..Capabilities::default() };
        let set = |sent: &str| {
            let sent = Parameters::read(sent.as_bytes()).unwrap();
            set(NumberSettings::default(), &sent, voice, &account())
        };
        assert_eq!(set("SmsUrl=https://a").unwrap_err().code, 21407);
        assert_eq!(set("VoiceUrl=https://a&SmsMethod=POST").unwrap_err().code, 21407);
        assert!(set("SmsUrl=&VoiceUrl=https://a").is_ok());
    }
}
