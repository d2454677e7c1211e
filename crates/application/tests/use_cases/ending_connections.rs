//! The end of an agent's stream.

use crate::prelude::*;

const APOLOGY: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response><Say language="en-US">We are sorry. Your call cannot be completed at the moment. Please try again later.</Say><Hangup/></Response>"#;
const HANG_UP: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>"#;

fn ended(account: &TestAccount, error_code: &str) -> Fields {
    let fields = with(call(account, CALLER, NUMBER), "CallStatus", "in-progress");
    with(with(fields, "ErrorCode", error_code), "StreamSid", "MZ0123456789abcdef0123456789abcdef")
}

fn signed(account: &TestAccount, fields: &Fields) -> Request {
    Request::post(CONNECTED, fields).signed_by(account)
}

#[tokio::test]
async fn the_end_of_a_connection_is_recorded_with_its_error_and_a_failed_call_hears_a_sentence() {
    for (code, recorded, heard) in [("31921", Some(31_921), APOLOGY), ("", None, HANG_UP)] {
        let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
        assert_eq!(
            app.connected(&signed(&main, &ended(&main, code))).await.unwrap().as_str(),
            heard
        );
        let record = app.call_of(&main).await.unwrap();
        let end = record.disconnection.unwrap();
        assert_eq!((end.error_code, end.at), (recorded, NOW));
        assert_eq!(record.to.unwrap().to_text(), NUMBER);
    }
}

#[tokio::test]
async fn the_end_joins_the_record_of_its_call_and_the_first_one_reported_stands() {
    let (app, main, sales) = TestApp::with_one_number(AppOptions::default()).await;
    app.voice(&Request::post(VOICE, &call(&main, CALLER, NUMBER)).signed_by(&main)).await.unwrap();
    app.clock.pass_seconds(60);
    app.connected(&signed(&main, &ended(&main, "31921"))).await.unwrap();
    app.clock.pass_seconds(1);
    app.connected(&signed(&main, &ended(&main, ""))).await.unwrap();
    let calls = app.calls().await;
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].decision.as_ref().unwrap().agent, Some(sales.id));
    let end = calls[0].disconnection.unwrap();
    assert_eq!((end.error_code, end.at), (Some(31_921), NOW.plus_seconds(60)));
}

#[tokio::test]
async fn the_end_of_another_accounts_call_is_refused_and_not_recorded() {
    let (app, _, _) = TestApp::with_one_number(AppOptions::default()).await;
    let other = account(2);
    app.add_account(&other).await;
    let result = app.connected(&signed(&other, &ended(&other, ""))).await;
    assert_eq!(refusal(result), Refusal::AccountMismatch);
    assert_eq!(app.calls().await, []);
}

#[tokio::test]
async fn an_end_that_lacks_or_garbles_a_field_is_unreadable() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let whole = ended(&main, "31921");
    let damaged = [
        without(&whole, "CallSid"),
        without(&whole, "From"),
        without(&whole, "To"),
        with(whole.clone(), "ErrorCode", "none"),
        [whole.clone(), fields(&[("ErrorCode", "31921")])].concat(),
    ];
    for fields in damaged {
        assert_unreadable(app.connected(&signed(&main, &fields)).await);
    }
}
