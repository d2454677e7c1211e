//! The agent's stream has ended.

use switchboard_domain::rejection::Refusal;

use crate::requests::{CALLER, CONNECTED, Fields, Request, VOICE, call, fields, with, without};
use crate::rig::{NOW, NUMBER, Plan, Rig, TestAccount, account, assert_unreadable, refusal};

const HANG_UP: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>"#;

fn ended(account: &TestAccount, error_code: &str) -> Fields {
    let fields = with(call(account, CALLER, NUMBER), "CallStatus", "in-progress");
    with(with(fields, "ErrorCode", error_code), "StreamSid", "MZ0123456789abcdef0123456789abcdef")
}

fn signed(account: &TestAccount, fields: &Fields) -> Request {
    Request::post(CONNECTED, fields).signed_by(account)
}

#[tokio::test]
async fn the_end_of_a_connection_is_recorded_with_its_error_and_the_call_is_hung_up() {
    for (code, recorded) in [("31921", Some(31_921)), ("", None)] {
        let (rig, main, _) = Rig::with_one_number(Plan::default()).await;
        assert_eq!(
            rig.connected(&signed(&main, &ended(&main, code))).await.unwrap().as_str(),
            HANG_UP
        );
        let record = rig.call_of(&main).await.unwrap();
        let end = record.disconnection.unwrap();
        assert_eq!((end.error_code, end.at), (recorded, NOW));
        assert_eq!(record.to.unwrap().to_text(), NUMBER);
    }
}

#[tokio::test]
async fn the_end_joins_the_record_of_its_call_and_the_first_one_told_stands() {
    let (rig, main, sales) = Rig::with_one_number(Plan::default()).await;
    rig.voice(&Request::post(VOICE, &call(&main, CALLER, NUMBER)).signed_by(&main)).await.unwrap();
    rig.clock.pass_seconds(60);
    rig.connected(&signed(&main, &ended(&main, "31921"))).await.unwrap();
    rig.clock.pass_seconds(1);
    rig.connected(&signed(&main, &ended(&main, ""))).await.unwrap();
    let calls = rig.calls().await;
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].decision.as_ref().unwrap().agent, Some(sales.id));
    let end = calls[0].disconnection.unwrap();
    assert_eq!((end.error_code, end.at), (Some(31_921), NOW.plus_seconds(60)));
}

#[tokio::test]
async fn the_end_of_another_accounts_call_is_refused_and_not_recorded() {
    let (rig, _, _) = Rig::with_one_number(Plan::default()).await;
    let other = account(2);
    rig.add_account(&other).await;
    let result = rig.connected(&signed(&other, &ended(&other, ""))).await;
    assert_eq!(refusal(result), Refusal::AccountMismatch);
    assert_eq!(rig.calls().await, []);
}

#[tokio::test]
async fn an_end_that_lacks_or_garbles_a_field_is_unreadable() {
    let (rig, main, _) = Rig::with_one_number(Plan::default()).await;
    let whole = ended(&main, "31921");
    let damaged = [
        without(&whole, "CallSid"),
        without(&whole, "From"),
        without(&whole, "To"),
        with(whole.clone(), "ErrorCode", "none"),
        [whole.clone(), fields(&[("ErrorCode", "31921")])].concat(),
    ];
    for fields in damaged {
        assert_unreadable(rig.connected(&signed(&main, &fields)).await);
    }
}
