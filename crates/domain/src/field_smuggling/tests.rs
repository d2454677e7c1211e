use crate::call::InboundCall;
use crate::claimed_account::{FieldSource, claimed_account};
use crate::form::Form;
use crate::message::InboundMessage;
use crate::status_callback::StatusEvent;
use crate::time::Timestamp;

const DIGITS: &str = "0123456789abcdef0123456789abcdef";

fn form(text: &str) -> Form {
    Form::parse(text.replace('+', "%2B").replace("SID", DIGITS).as_bytes()).unwrap()
}

fn is_call(text: &str) -> bool {
    InboundCall::parse(&form(text)).is_ok()
}

fn is_message(text: &str) -> bool {
    InboundMessage::parse(&form(text)).is_ok()
}

fn is_status(text: &str) -> bool {
    StatusEvent::parse(&form(text), Timestamp::from_seconds(0)).is_ok()
}

#[test]
fn a_caller_id_that_spells_both_twins_anew_decides_nothing() {
    let caller = "sip:Called+14155550102CallerTo+14155550102Toz@h";
    let genuine = format!(
        "CallSid=CASID&CallStatus=ringing&Called=+14155550100&Caller={caller}&Direction=inbound&From={caller}&To=+14155550100"
    );
    assert!(is_call(&genuine));
    let forged = "CallSid=CASID&CallStatus=ringingCalled+14155550100Callersip:&Called=+14155550102\
        &Caller=To+14155550102Toz@h&Direction=inbound&From=sip:Called+14155550102Caller&To=+14155550102&Toz=@hTo+14155550100";
    assert!(!is_call(forged));
}

#[test]
fn a_caller_id_cannot_become_the_state_of_another_call() {
    let caller = "sip:xGCallSidCASIDCallStatuscompletedCalled+14155550100Callersip:xCallerz@h"
        .replace("SID", DIGITS);
    let genuine = format!(
        "CallSid=CASID&CallStatus=ringing&Called=+14155550100&Caller={caller}&Direction=inbound&From={caller}&To=+14155550100"
    );
    assert!(is_status(&genuine));
    let forged = "CallSi=dCASIDCallStatusringingCalled+14155550100Callersip:xG&CallSid=CASID&CallStatus=completed\
        &Called=+14155550100&Caller=sip:x&Callerz=@h&Direction=inbound&From=sip:x\
        &G=CallSidCASIDCallStatuscompletedCalled+14155550100Callersip:xCallerz@h&To=+14155550100";
    assert!(!is_status(forged));
}

#[test]
fn a_caller_id_is_not_cut_shorter_in_both_twins() {
    let caller = "+14155550177CallerNameFrom+14155550177";
    let genuine = format!(
        "CallSid=CASID&Called=+14155550100&Caller={caller}&Direction=inbound&From={caller}&To=+14155550100"
    );
    assert!(is_call(&genuine));
    let forged = "CallSid=CASID&Called=+14155550100&Caller=+14155550177&CallerName=From+14155550177\
        &Direction=inbound&F=rom+14155550177CallerName&From=+14155550177&To=+14155550100";
    assert!(!is_call(forged));
}

#[test]
fn the_city_of_a_caller_is_not_the_caller() {
    let forged = "CallSid=CASID&Called=+14155550100&CalledZip94105Caller=Jo&Caller=CityOAKLAND\
        &Direction=inbound&From=&JoFromCity=OAKLAND&To=+14155550100";
    assert!(!is_call(forged));
    assert!(is_call("CallSid=CASID&Caller=City Hall&From=City Hall&To=+14155550100"));
}

#[test]
fn the_cities_of_both_twins_are_not_the_caller() {
    let genuine = "CallSid=CASID&Called=+14155550100&CalledZip=94105&Caller=+14155550199&CallerCity=OAKLAND\
        &Direction=inbound&From=+14155550199&FromCity=OAKLAND&To=+14155550100";
    assert!(is_call(genuine));
    let forged = "CallSid=CASID&Called=+14155550100&CalledZip94105Caller=+14155550199&Caller=CityOAKLAND\
        &Direction=inbound&Fr=om+14155550199&From=CityOAKLAND&To=+14155550100";
    assert!(!is_call(forged));
}

#[test]
fn the_number_that_forwarded_a_call_is_not_the_caller() {
    let genuine = "CallSid=CASID&Called=+14155550100&Caller=Dialz&Direction=inbound\
        &ForwardedFrom=+14155550155&From=Dialz&To=+14155550100";
    assert!(is_call(genuine));
    let forged = "CallSid=CASID&Called=+14155550100&Caller=&Dialz=&Direction=inbound\
        &Fo=rwarded&From=+14155550155&FromDialz=&To=+14155550100";
    assert!(!is_call(forged));
}

#[test]
fn a_parameter_of_a_client_cannot_become_the_direction() {
    let call = |parameters: &str| {
        is_call(&format!(
            "CallSid=CASID&Called=&Caller=client:jo&{parameters}&From=client:jo&To=+14155550100"
        ))
    };
    assert!(call("Campaign=spring&Direction=inbound&Elk=north"));
    assert!(!call("CampaignspringDirection=inboundElk&Direction=outbound-api"));
    assert!(call("CustomDirection=outbound&Direction=inbound"));
}

#[test]
fn a_sip_header_cannot_become_the_called_number() {
    let genuine =
        "CallSid=CASID&Called=sip:a@b&From=sip:c@d&SipHeader_X-A=xTo+14155550101Toz&To=sip:a@b";
    let moved =
        "CallSid=CASID&Called=sip:a@b&From=sip:c@d&SipHeader_X-A=x&To=+14155550101&Toz=Tosip:a@b";
    assert!(is_call(genuine));
    assert!(!is_call(moved));
    let hidden =
        "CallSid=CASID&CallStatus=ringingCalledsip:a@b&From=sip:c@d&To=+14155550101&Toz=Tosip:a@b";
    assert!(!is_call(hidden));
}

#[test]
fn the_address_that_a_sip_caller_dialed_is_not_cut_shorter() {
    for (genuine, forged) in [
        (
            "CallSid=CASID&Called=sips:xCalledzSz&From=sip:c@d&To=sips:xCalledzSz",
            "CallSid=CASID&Called=sips:x&Calledz=Sz&From=sip:c@d&To=sips:xCalledzS&z=",
        ),
        (
            "CallSid=CASID&Called=sip:TozZz&From=sip:c@d&SipCallId=a&To=sip:TozZz",
            "CallSid=CASID&Called=sip:TozZz&From=sip:c@d&SipCallIdaTo=sip:&To=zZz",
        ),
        (
            "CallSid=CASID&Called=sip:a@b&From=sip:c@d&To=sip:a@b",
            "CallSid=CASID&Called=sip:a@b&From=sip:c@d&To=&sip:a@b=",
        ),
    ] {
        assert!(is_call(genuine), "{genuine}");
        assert!(!is_call(forged), "{forged}");
    }
}

#[test]
fn a_profile_name_cannot_become_another_message() {
    let genuine = "Body=hi&From=whatsapp:+14155550199&MessageSid=SMSID&NumMedia=0&ProfileName=P&SmsMessageSid=SMSID&To=whatsapp:+14155550100";
    assert!(is_message(genuine));
    let forged = "SM".to_owned() + &DIGITS.replace('0', "f");
    let moved = format!(
        "Body=hiFromwhatsapp:+14155550199MessageSidSMSIDNumMedia0ProfileName&From=+19995550100&MessageSid={forged}\
         &NumMedia=0&SmsMessageSid=SMSID&To=whatsapp:+14155550100"
    );
    assert!(!is_message(&moved));
}

#[test]
fn twins_with_different_values_alone_are_not_refused() {
    assert!(is_call("CallSid=CASID&Called=+14155550777&From=+14155550199&To=+14155550100"));
    let other = DIGITS.replace('0', "e");
    assert!(is_message(&format!(
        "Body=&From=+14155550199&MessageSid=SMSID&SmsMessageSid=SM{other}&To=+14155550100"
    )));
}

#[test]
fn an_empty_twin_says_nothing_about_the_field() {
    assert!(is_call("CallSid=CASID&Called=&Caller=client:jo&From=client:jo&To=+14155550100"));
    assert!(is_call("CallSid=CASID&Called=+14155550100&Caller=&From=anonymous&To=+14155550100"));
    assert!(is_call("CallSid=CASID&Called=&Caller=&From=&To="));
    assert!(is_message("Body=&From=+14155550199&MessageSid=SMSID&SmsMessageSid=&To=+14155550100"));
}

#[test]
fn a_caller_id_that_matches_no_grammar_does_not_refuse_the_call() {
    for from in ["+anonymous", "+1415555ABCD", "client:", "sip:John Doe@x", "++4930123"] {
        assert!(
            is_call(&format!("CallSid=CASID&Caller={from}&From={from}&To=+14155550100")),
            "{from}"
        );
    }
}

#[test]
fn an_unknown_state_is_a_word_and_a_swallowed_field_is_not() {
    let status = |status: &str| is_status(&format!("CallSid=CASID&CallStatus={status}"));
    assert!(status("ringing") && status("on-hold"));
    assert!(!status("ringingCalled+14155550100"));
    assert!(!status(&"x".repeat(33)));
}

#[test]
fn only_the_rest_of_an_own_url_is_suspicious_at_the_start_of_a_name() {
    let accepted =
        |text: &str, target| claimed_account(&form(text), FieldSource::Body { target }).is_ok();
    for name in ["_x", "0abc", "/x", "é", "5", "%26", "Aa", "0AccountSid"] {
        assert!(accepted(&format!("{name}=1&AccountSid=ACSID"), "/api/twilio/voice"), "{name}");
    }
    for name in ["/connected", "/connected0abc", "?", "/?agentId", "5AccountSidACSID"] {
        assert!(!accepted(&format!("{name}=1&AccountSid=ACSID"), "/api/twilio/voice"), "{name}");
    }
    for (name, value) in [
        ("/", "connected"),
        ("/c", "onnected?tried=0"),
        ("/connecte", "d"),
        ("/", "handler"),
        ("/h", "andler?next=t"),
        ("/handle", "r"),
        ("/", "?a"),
    ] {
        let form = format!("{name}={value}&AccountSid=ACSID");
        assert!(!accepted(&form, "/api/twilio/voice"), "{form}");
    }
    assert!(accepted("/=x&/c=x&/h=x&AccountSid=ACSID", "/api/twilio/voice"));
    assert!(!accepted("5AccountSid=ACSID&AccountSid=ACSID", "/api/twilio/voice?agentId=5"));
    assert!(!accepted("A=ccountSid=ACSID&AccountSid=ACSID", "/api/twilio/status?"));
    assert!(!accepted("AccountSid=ACSID", "/api/twilio/voice?agentId=5AccountSidACSID"));
}
