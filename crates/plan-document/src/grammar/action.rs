//! Actions: what happens if no agent answers.

use switchboard_domain::plan::{self, DialTo, Greeting, QueueName};
use switchboard_domain::twiml::RejectReason;
use switchboard_domain::web_address::WebUrl;

use super::text::{Language, Name, PhoneNumber, Sentence, Sip, Url};

// Twilio, TwiML Dial: `timeout`.
whole!(DialSeconds of u16, 5..=600, default 20);
// Twilio, TwiML Record: `maxLength`.
whole!(VoicemailSeconds of u16, 2..=14_400, default 120);

object! {
    /// What happens if no agent answers: an object with exactly one key.
    Action of action: plan::Action; with {"minProperties": 1, "maxProperties": 1} = "an action, an object with one key" {
        /// Calls a person. If the person does not answer in time, the next action follows.
        "dial" dial: Option<Dial> = &match action {
            plan::Action::Dial { to, timeout_seconds } => Some((to.clone(), *timeout_seconds)),
            _ => None,
        },
        /// Records a message of the caller.
        "voicemail" voicemail: Option<Voicemail> = &match action {
            plan::Action::Voicemail { greeting, most_seconds, announce } => {
                Some((greeting.clone(), *most_seconds, announce.clone()))
            }
            _ => None,
        },
        /// Speaks a text and ends the call. A message is answered with the text.
        "say" say: Option<Say> = &match action {
            plan::Action::Say(greeting) => Some(greeting.clone()),
            _ => None,
        },
        /// Rejects the call without answering it, so Twilio does not bill it.
        "reject" reject: Option<Reject> = &match action {
            plan::Action::Reject(reason) => Some(*reason),
            _ => None,
        },
        /// Redirects the call to the TwiML at this URL.
        "redirect" redirect: Option<Url> = &match action {
            plan::Action::Redirect(url) => Some(url.clone()),
            _ => None,
        },
        /// Puts the caller into the Twilio queue of this name.
        "enqueue" enqueue: Option<Name> = &match action {
            plan::Action::Enqueue(queue) => Some(queue.0.clone()),
            _ => None,
        },
    }
    {
        let actions = [
            dial.map(|(to, timeout_seconds)| plan::Action::Dial { to, timeout_seconds }),
            voicemail.map(|(greeting, most_seconds, announce)| {
                plan::Action::Voicemail { greeting, most_seconds, announce }
            }),
            say.map(plan::Action::Say),
            reject.map(plan::Action::Reject),
            redirect.map(plan::Action::Redirect),
            enqueue.map(|name| plan::Action::Enqueue(QueueName(name))),
        ];
        let mut actions = actions.into_iter().flatten();
        match (actions.next(), actions.next()) {
            (Some(action), None) => Ok(action),
            (Some(_), Some(_)) => Err("has several actions; write a separate entry for each".into()),
            (None, _) => Err(
                "has no action; write one of dial, voicemail, say, reject, redirect, enqueue".into(),
            ),
        }
    }
}

object! {
    /// A person to call: at a phone number or a SIP address.
    Dial of dial: (DialTo, u16);
    with {"oneOf": [{"required": ["number"]}, {"required": ["sip"]}]} = "an object with number or sip" {
        /// The phone number.
        "number" number: Option<PhoneNumber> = &match &dial.0 {
            DialTo::Number(number) => Some(*number),
            DialTo::Sip(_) => None,
        },
        /// The SIP address.
        "sip" sip: Option<Sip> = &match &dial.0 {
            DialTo::Number(_) => None,
            DialTo::Sip(sip) => Some(sip.clone()),
        },
        /// How long the phone rings, in seconds.
        "timeout_seconds" timeout: DialSeconds = &dial.1,
    }
    match (number, sip) {
        (Some(number), None) => Ok((DialTo::Number(number), timeout)),
        (None, Some(sip)) => Ok((DialTo::Sip(sip), timeout)),
        (Some(_), Some(_)) => Err("has both number and sip; write a separate entry for each".into()),
        (None, None) => Err("has neither number nor sip; write one of them".into()),
    }
}

object! {
    /// A recorded message of the caller.
    Voicemail of voicemail: (Greeting, u16, Option<WebUrl>) = "an object with greeting" {
        /// The text that is spoken before the tone.
        "greeting" text: Sentence = &voicemail.0.text; "write the text that is spoken before the tone",
        /// The language of the greeting.
        "language" language: Option<Language> = &voicemail.0.language,
        /// The longest message, in seconds.
        "most_seconds" most_seconds: VoicemailSeconds = &voicemail.1,
        /// The URL that Twilio requests when the recording is ready.
        "announce" announce: Option<Url> = &voicemail.2,
    }
    Ok((Greeting { text, language }, most_seconds, announce))
}

object! {
    /// A text that is spoken.
    Say of greeting: Greeting = "an object with text" {
        /// The text.
        "text" text: Sentence = &greeting.text; "write the text that is spoken",
        /// The language of the text.
        "language" language: Option<Language> = &greeting.language,
    }
    Ok(Greeting { text, language })
}

word! {
    /// What the caller hears when a call is rejected.
    Reject of RejectReason, with {}, [
        (RejectReason::Busy, "The busy tone."),
        (RejectReason::Rejected, "The announcement that the number is not in service."),
    ]
}
