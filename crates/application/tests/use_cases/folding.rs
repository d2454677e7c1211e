//! Twilio signs names and values without delimiters, so anyone with one genuine request can move
//! the borders of its fields under the same signature. Each such request must be refused, or have
//! the same meaning.

use crate::prelude::*;
use switchboard_domain::message::ReceivedMessage;
use switchboard_domain::ports::{MockCallStore, MockMessageStore};
use switchboard_domain::signature::{Signature, verify};

use crate::asking_handlers::{add_secret, app_with_handler, inbound};
use crate::following_links::{link, pressed};
use crate::outside::AskedHandler;
use crate::requests::Kind;
use switchboard_domain::call::InboundCall;

/// The requests that can be made from a genuine request without its token.
fn mutants(target: &str, genuine: &Fields, signature: &str) -> Vec<(String, Request)> {
    let mut sorted = genuine.clone();
    sorted.sort();
    let mut forms: Vec<(String, Fields)> = vec![];
    for first in 1..sorted.len() {
        for last in first..sorted.len() {
            forms.push((
                format!("{} to {} folded into the field before", sorted[first].0, sorted[last].0),
                folded(&sorted, first, last),
            ));
        }
    }
    for (index, (name, value)) in sorted.iter().enumerate() {
        for (at, _) in
            value.char_indices().skip(1).chain([(value.len(), ' ')]).filter(|(at, _)| *at > 0)
        {
            let (grown, rest) = value.split_at(at);
            forms.push((
                format!("{name} grown by {grown}"),
                replaced(&sorted, index, &[(&format!("{name}{grown}"), rest)]),
            ));
        }
        for at in 1..name.len() {
            let (shrunk, rest) = name.split_at(at);
            forms.push((
                format!("{name} shrunk to {shrunk}"),
                replaced(&sorted, index, &[(shrunk, &format!("{rest}{value}"))]),
            ));
        }
        for (at, _) in value.char_indices() {
            let (kept, rest) = value.split_at(at);
            for (middle, _) in rest.char_indices().skip(1).chain([(rest.len(), ' ')]) {
                let (new_name, new_value) = rest.split_at(middle);
                let split = [(name.as_str(), kept), (new_name, new_value)];
                forms.push((
                    format!("{name} split before {new_name}"),
                    replaced(&sorted, index, &split),
                ));
            }
        }
        forms.push((
            format!("{name} twice"),
            replaced(&sorted, index, &[(name, value), (name, value)]),
        ));
    }
    for (index, pair) in sorted.windows(2).enumerate() {
        let [(name, value), (next_name, next_value)] = pair else { unreachable!() };
        let mut joined =
            replaced(&sorted, index, &[(&format!("{name}{value}{next_name}"), next_value)]);
        joined.remove(index + 1);
        forms.push((format!("{name} joined with {next_name}"), joined));
        for at in 1..next_name.len() {
            let (taken, left) = next_name.split_at(at);
            let mut shifted = replaced(&sorted, index, &[(name, &format!("{value}{taken}"))]);
            shifted[index + 1] = (left.to_owned(), next_value.clone());
            forms.push((format!("{taken} of {next_name} moved into {name}"), shifted));
        }
    }
    let mut backwards = sorted.clone();
    backwards.reverse();
    forms.push(("backwards".to_owned(), backwards));
    let mut requests: Vec<_> =
        forms.into_iter().map(|(what, fields)| (what, Request::post(target, &fields))).collect();
    for count in 1..=sorted.len() {
        let moved: String =
            sorted[..count].iter().flat_map(|(name, value)| [name.as_str(), value]).collect();
        for separator in ["", "?", "/", "&"] {
            let what = format!("{count} fields moved into the URL behind {separator:?}");
            let longer = format!("{target}{separator}{moved}");
            requests.push((what.clone(), Request::post(&longer, &sorted[count..].to_vec())));
            requests
                .push((what, Request { target: longer, content: Kind::Query, signature: None }));
        }
    }
    requests.push(("asked by GET".to_owned(), Request::get(target, &sorted)));
    requests.push((
        "sent as another type".to_owned(),
        Request::body(target, &sorted, encoded(&sorted).as_bytes()),
    ));
    requests
        .into_iter()
        .map(|(what, request)| (what, request.with_signature(Some(signature))))
        .collect()
}

/// Moves the fields from `first` to `last` into the value before them.
fn folded(sorted: &Fields, first: usize, last: usize) -> Fields {
    let mut folded = sorted[..first].to_vec();
    for (name, value) in &sorted[first..=last] {
        folded[first - 1].1.push_str(name);
        folded[first - 1].1.push_str(value);
    }
    folded.extend_from_slice(&sorted[last + 1..]);
    folded
}

fn replaced(sorted: &Fields, index: usize, by: &[(&str, &str)]) -> Fields {
    [&sorted[..index], &fields(by), &sorted[index + 1..]].concat()
}

/// Whether the signature alone would be accepted.
fn is_signed(request: &Request, account: &TestAccount) -> bool {
    let form = match &request.content {
        Kind::Form(body) => switchboard_domain::form::Form::parse(body).ok(),
        Kind::Query | Kind::Body(_) => Some(switchboard_domain::form::Form::EMPTY),
    };
    let Some(form) = form else { return false };
    let content = match &request.content {
        Kind::Form(_) => Content::Form(&form),
        Kind::Query => Content::Query,
        Kind::Body(body) => Content::Raw(body),
    };
    let signature = Signature::parse(request.signature.as_deref().unwrap()).unwrap();
    let request = SignedRequest { target: &request.target, content };
    verify(std::slice::from_ref(&account.key), &[public_url()], &request, &signature).is_some()
}

/// An app that exposes its records.
struct Tapped {
    app: TestApp,
    main: TestAccount,
    calls: Arc<Mutex<Vec<CallRecord>>>,
    messages: Arc<Mutex<Vec<ReceivedMessage>>>,
}

impl Tapped {
    async fn new() -> Self {
        let calls = Arc::new(Mutex::new(vec![]));
        let messages = Arc::new(Mutex::new(vec![]));
        let (tapped_calls, tapped_messages) = (Arc::clone(&calls), Arc::clone(&messages));
        let mut call_store = MockCallStore::new();
        call_store.expect_record().returning(move |records| {
            tapped_calls.lock().unwrap().extend_from_slice(records);
            Ok(())
        });
        let mut message_store = MockMessageStore::new();
        message_store.expect_insert_once().returning(move |message| {
            tapped_messages.lock().unwrap().push(message.clone());
            Ok(Insertion::Inserted)
        });
        message_store.expect_latest_of_contact().returning(|_, _, _, _| Ok(Vec::new()));
        let app = TestApp::with(AppOptions {
            calls: Some(Arc::new(call_store)),
            messages: Some(Arc::new(message_store)),
            ..AppOptions::default()
        })
        .await;
        let main = account(1);
        app.add_account(&main).await;
        for (index, number) in [(1, NUMBER), (2, CALLER)] {
            let own = agent(index, "Own");
            app.add_agent(&own).await;
            app.add_number(number, &main, Some(&own)).await;
        }
        Self { app, main, calls, messages }
    }

    /// The answer to a call and its record; `None` if the call is refused.
    async fn heard(&self, request: &Request) -> Option<(String, CallRecord)> {
        // A repeated decision must be recorded too.
        self.app.routes.everything_changed();
        let answer = self.app.voice(request).await.ok()?;
        self.app.recorder.drain().await.unwrap();
        let record = self.calls.lock().unwrap().pop().unwrap();
        // The caller's location does not influence the decision.
        Some((answer.twiml.into_string(), CallRecord { facts: None, ..record }))
    }

    /// The answer to a message and its record; `None` if the message is refused.
    async fn read(&self, request: &Request) -> Option<(String, InboundMessage)> {
        let answer = self.app.message(request).await.ok()?;
        Some((answer.twiml.into_string(), self.messages.lock().unwrap().pop().unwrap().inbound))
    }
}

fn calls(main: &TestAccount) -> Vec<Fields> {
    let inbound = call(main, CALLER, NUMBER);
    let outbound = with(
        with(call(main, NUMBER, CALLER), "Direction", "outbound-api"),
        "CallStatus",
        "in-progress",
    );
    let withheld = with(inbound.clone(), "From", "");
    let forwarded = with(
        with(inbound.clone(), "ForwardedFrom", "+14155550177"),
        "CallerName",
        "From+19995550100",
    );
    vec![inbound, outbound, withheld, forwarded]
}

fn messages(main: &TestAccount) -> Vec<Fields> {
    let plain = message(main, CALLER, NUMBER, "hi");
    let service = with(plain.clone(), "MessagingServiceSid", "MG0123456789abcdef0123456789abcdef");
    let media =
        with(with(service.clone(), "NumMedia", "1"), "MediaUrl0", "https://api.twilio.com/ME1");
    let whatsapp = message(main, "whatsapp:+14155550199", "whatsapp:+14155550100", "héllo 😀");
    let short = message(main, "Acme Corp", NUMBER, "hi");
    vec![plain, service, media, whatsapp, short]
}

/// Every mutant of a genuine request is refused or means the same. Many of them are genuinely signed.
async fn assert_mutants_mean_the_same<M: PartialEq>(
    app: &Tapped,
    endpoint: &str,
    genuine: &Fields,
    meaning: impl AsyncFn(&Request) -> Option<M>,
) {
    let request = Request::post(endpoint, genuine).signed_by(&app.main);
    let meant = meaning(&request).await.unwrap();
    let mutants = mutants(endpoint, genuine, request.signature.as_deref().unwrap());
    let signed = mutants.iter().filter(|(_, mutant)| is_signed(mutant, &app.main)).count();
    let count = mutants.len();
    assert!(count > 1_000 && signed > 300, "{signed} of {count} are genuinely signed");
    let mut different = vec![];
    for (what, mutant) in mutants {
        if meaning(&mutant).await.is_some_and(|meaning| meaning != meant) {
            different.push(what);
        }
    }
    assert_eq!(different, [""; 0]);
}

#[tokio::test]
async fn a_call_whose_fields_were_moved_is_refused_or_means_the_same() {
    let app = Tapped::new().await;
    for genuine in calls(&app.main) {
        let heard = async |request: &Request| app.heard(request).await;
        assert_mutants_mean_the_same(&app, VOICE, &genuine, heard).await;
    }
}

#[tokio::test]
async fn a_message_whose_fields_were_moved_is_refused_or_means_the_same() {
    let app = Tapped::new().await;
    for genuine in messages(&app.main) {
        let read = async |request: &Request| app.read(request).await;
        assert_mutants_mean_the_same(&app, MESSAGE, &genuine, read).await;
    }
}

/// A message whose text contains the fields of another message, and the requests that can be made
/// from it.
fn spelled(main: &TestAccount, hidden_in: &[(&str, &str)]) -> (Request, Request) {
    let (from, sid, to) = ("+19995550100", "SMffffffffffffffffffffffffffffffff", "+14155550100");
    let names: String = hidden_in.iter().map(|(name, _)| *name).collect();
    let body = format!("hiFrom{from}MessageSid{sid}NumMedia0To{to}{names}");
    let genuine = message(main, CALLER, NUMBER, &body);
    let signed = Request::post(MESSAGE, &genuine).signed_by(main);
    let mut sorted = genuine;
    sorted.sort();
    let behind: String = sorted
        .iter()
        .skip_while(|(name, _)| name != "From")
        .flat_map(|(name, value)| [name.as_str(), value])
        .collect();
    let mut forged = fields(&[
        ("AccountSid", main.sid.as_str()),
        ("ApiVersion", "2010-04-01"),
        ("Body", "hi"),
        ("From", from),
        ("MessageSid", sid),
        ("NumMedia", "0"),
        ("To", to),
    ]);
    match hidden_in {
        // The rest of the text is cut at "eS", in the middle of `MessageSid`.
        [(first, _), (second, _)] => {
            let rest = format!("{first}{second}{behind}");
            let (before, after) = rest.split_once("eSid").unwrap();
            forged.push((first.to_string(), before[first.len()..].to_owned()));
            forged.push(("eSid".to_owned(), after.to_owned()));
        }
        _ => forged.push((names, behind)),
    }
    let forged = Request::post(MESSAGE, &forged).with_signature(signed.signature.as_deref());
    (signed, forged)
}

#[tokio::test]
async fn a_text_that_spells_another_message_is_read_as_it_was_written_and_never_as_that_message() {
    let app = Tapped::new().await;
    for hidden_in in [&[("Z", "")][..], &[("Z", ""), ("", "")], &[("ToZ", "")]] {
        let (genuine, forged) = spelled(&app.main, hidden_in);
        let (_, read) = app.read(&genuine).await.unwrap();
        assert!(read.body.as_str().starts_with("hiFrom+19995550100MessageSid"));
        assert!(is_signed(&forged, &app.main), "the forgery is a real one");
        assert!(app.read(&forged).await.is_none());
    }
}

#[tokio::test]
async fn other_sids_of_a_message_hide_nothing() {
    let app = Tapped::new().await;
    let mut genuine =
        message(&app.main, CALLER, NUMBER, "MessageSidSMffffffffffffffffffffffffffffffff");
    genuine = with(genuine, "OriginalRepliedMessageSid", "SMffffffffffffffffffffffffffffffff");
    genuine = with(genuine, "ReferralNumMedia", "0");
    let request = Request::post(MESSAGE, &genuine).signed_by(&app.main);
    assert!(app.read(&request).await.is_some());
}

#[tokio::test]
async fn a_request_without_a_field_that_may_be_missing_is_answered() {
    let app = Tapped::new().await;
    let calls = without(&call(&app.main, CALLER, NUMBER), "Direction");
    assert!(app.heard(&Request::post(VOICE, &calls).signed_by(&app.main)).await.is_some());
    let messages = without(&message(&app.main, CALLER, NUMBER, "hi"), "NumMedia");
    assert!(app.read(&Request::post(MESSAGE, &messages).signed_by(&app.main)).await.is_some());
}

#[tokio::test]
async fn a_text_that_was_cut_changes_nothing_of_what_was_kept() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let signed =
        Request::post(MESSAGE, &message(&main, CALLER, NUMBER, "Yes. Do not pay")).signed_by(&main);
    app.message(&signed).await.unwrap();
    let mut cut = message(&main, CALLER, NUMBER, "Yes. ");
    cut.push(("Do not pay".to_owned(), String::new()));
    let cut = Request::post(MESSAGE, &cut).with_signature(signed.signature.as_deref());
    assert!(is_signed(&cut, &main), "the signature alone does not tell");
    assert_eq!(app.message(&cut).await.unwrap().insertion, Insertion::Duplicate);
    assert_eq!(app.message_of(&main).await.unwrap().body.unwrap().as_str(), "Yes. Do not pay");
}

/// The requests in which the border between the URL and the body was moved: the end of the URL became the start of the
/// first field, to each endpoint whose path is the rest of the URL.
fn border_mutants(target: &str, genuine: &Fields, signature: &str) -> Vec<(String, Request)> {
    let mut sorted = genuine.clone();
    sorted.sort();
    let mut mutants = vec![];
    for cut in VOICE.len()..target.len() {
        let (shorter, moved) = target.split_at(cut);
        for name_end in 1..=moved.len() {
            let (name, value) = moved.split_at(name_end);
            let first = (name.to_owned(), value.to_owned());
            let beside = [vec![first], sorted.clone()].concat();
            mutants.push((format!("{moved} moved into a field of its own"), shorter, beside));
        }
        let joined = (format!("{moved}{}", sorted[0].0), sorted[0].1.clone());
        let joined = [vec![joined], sorted[1..].to_vec()].concat();
        mutants.push((format!("{moved} moved into the first name"), shorter, joined));
    }
    let signed = |(what, target, fields): (String, &str, Fields)| {
        (what, Request::post(target, &fields).with_signature(Some(signature)))
    };
    mutants.into_iter().map(signed).collect()
}

/// A request for a link to a handler means what the handler is asked: by which URL, and for which call.
#[tokio::test]
async fn a_request_for_a_link_whose_parts_were_moved_is_refused_or_means_the_same() {
    let (app, main, sales, handler) = app_with_handler().await;
    add_secret(&app, &sales).await;
    let target = link(&app.voice(&inbound(&main)).await.unwrap().twiml, "action");
    let spoken = with(pressed(&main), "SpeechResult", "5 CallSid To+14155550102 From");
    let call_of = |asked: &AskedHandler| {
        let form = Form::parse(encoded(&asked.fields).as_bytes()).unwrap();
        (asked.url.clone(), InboundCall::parse(&form).unwrap())
    };
    let request = Request::post(&target, &spoken).signed_by(&main);
    let signature = request.signature.clone().unwrap();
    app.follow(&request).await.unwrap();
    let meant = call_of(&handler.last().1.unwrap());
    let mut signed = mutants(&target, &spoken, &signature);
    signed.extend(border_mutants(&target, &spoken, &signature));
    // The others are refused for their signature.
    signed.retain(|(_, mutant)| is_signed(mutant, &main));
    assert!(signed.len() > 300, "{} are genuinely signed", signed.len());
    let mut different = vec![];
    for (what, mutant) in signed {
        let (before, _) = handler.last();
        let is_link = mutant.target.starts_with(HANDLER);
        let accepted = if is_link {
            app.follow(&mutant).await.is_ok()
        } else {
            app.voice(&mutant).await.is_ok()
        };
        let (count, asked) = handler.last();
        let same = count > before && call_of(&asked.unwrap()) == meant;
        if accepted && !(is_link && same) {
            different.push(what);
        }
    }
    assert_eq!(different, [""; 0]);
}

/// A parameter of a client may be named as a link. No request to another endpoint becomes one for it.
#[tokio::test]
async fn a_request_to_another_endpoint_does_not_become_one_for_a_link() {
    let (app, main, sales, handler) = app_with_handler().await;
    add_secret(&app, &sales).await;
    let target = link(&app.voice(&inbound(&main)).await.unwrap().twiml, "action");
    let asked = handler.asked().len();
    let rest = target.strip_prefix(VOICE).unwrap();
    let named = with(call(&main, CALLER, NUMBER), rest, "");
    let request = Request::post(VOICE, &named).signed_by(&main);
    assert_unreadable(app.voice(&request).await);
    // A query that is signed for the link is no form: its delimiters are signed, too.
    let by_get = Request {
        target: format!("{target}&{}", encoded(&pressed(&main))),
        content: Kind::Query,
        signature: None,
    };
    let by_get = by_get.signed_by(&main);
    let (_, moved) = by_get.target.split_at(target.len());
    let forged = with(pressed(&main), moved, "");
    let forged = Request::post(&target, &forged).with_signature(by_get.signature.as_deref());
    assert!(app.follow(&forged).await.is_err());
    assert_eq!(handler.asked().len(), asked);
}
