//! The fields of a call that decisions depend on.
//!
//! What a caller may choose is signed in three places: in `Caller`, in its twin `From`, and in the fields after `From`
//! (SIP headers). Only a Voice SDK client also sends parameters with names of its own, which can be signed anywhere. So
//! the genuine `AccountSid`, `CallSid`, `CallStatus`, `Called` and `Caller` are the first ones in the signed text, the
//! genuine `To` is the last one, and `From` is genuine if it equals `Caller`.

use super::signed_text::{Copy, Place, SignedText, ensure};
use super::values::{
    is_any_sid, is_digits, is_version, is_word, starts_account_sid, starts_address,
    starts_call_sid, starts_call_status, starts_digit, starts_direction, starts_withheld,
};
use crate::address::Address;
use crate::field::FieldError;
use crate::form::{Field, Form};

/// Names that Twilio gives to fields signed before `Caller`, and to `Caller` itself. A caller cannot choose their values.
const NOT_FREE: [&str; 15] = [
    "AccountSid",
    "AnsweredBy",
    "ApiVersion",
    "ApplicationSid",
    "CallDuration",
    "CallSid",
    "CallStatus",
    "CallToken",
    "CallbackSource",
    "Called",
    "CalledCity",
    "CalledCountry",
    "CalledState",
    "CalledZip",
    "Caller",
];

/// Further names of fields signed before `To` whose values a caller cannot choose.
const NOT_FREE_EITHER: [&str; 20] = [
    "CallerCity",
    "CallerCountry",
    "CallerState",
    "CallerZip",
    "DialCallDuration",
    "DialCallSid",
    "DialCallStatus",
    "Direction",
    "Duration",
    "ForwardedFrom",
    "FromCity",
    "FromCountry",
    "FromState",
    "FromZip",
    "ParentCallSid",
    "SequenceNumber",
    "SipDomainSid",
    "SipResponseCode",
    "StirVerstat",
    "Timestamp",
];

/// Names of fields that can follow `From`, whose values a longer `From` would contain.
const BEHIND_FROM: [&str; 16] = [
    "From",
    "QueuePosition",
    "QueueResult",
    "QueueSid",
    "RecordingDuration",
    "RecordingSid",
    "RecordingUrl",
    "ReferCallStatus",
    "SessionDuration",
    "SessionId",
    "SessionStatus",
    "SipCallId",
    "SpeechResult",
    "StirVerstat",
    "StreamEvent",
    "StreamSid",
];

/// How the address of a Voice SDK client starts.
const CLIENT: &str = "client:";

/// What the fields of a call say, unchanged.
pub(crate) struct CallFields<'f> {
    pub(crate) call: Option<&'f str>,
    pub(crate) status: Option<&'f str>,
    pub(crate) direction: Option<&'f str>,
    pub(crate) from: Option<&'f str>,
    pub(crate) to: Option<&'f str>,
}

/// Looks up the fields of a call in a form in signed order. Refuses a form that was cut differently from how Twilio cut
/// it.
pub(crate) fn call_fields(form: &Form) -> Result<CallFields<'_>, FieldError> {
    let [
        account,
        version,
        call,
        status,
        to_twin,
        from_twin,
        direction,
        forwarded,
        from,
        parent,
        to,
    ] = form.only_in_order([
        "AccountSid",
        "ApiVersion",
        "CallSid",
        "CallStatus",
        "Called",
        "Caller",
        "Direction",
        "ForwardedFrom",
        "From",
        "ParentCallSid",
        "To",
    ])?;
    let text = SignedText::new(form);
    let until = from_twin.map_or(usize::MAX, |twin| twin.start);
    let first_free = text.first_other_than(&NOT_FREE, until).unwrap_or(usize::MAX);
    let check = Call { text, first_free, to_twin, from_twin, from, to };
    let value = |field: Option<Field>| field.map(|field| check.text.value(field));
    let holds = |field, holds: fn(&str) -> bool| value(field).is_none_or(holds);
    ensure(holds(version, is_version), "ApiVersion")?;
    ensure(holds(status, is_word), "CallStatus")?;
    ensure(holds(direction, is_word), "Direction")?;
    ensure(holds(parent, is_any_sid), "ParentCallSid")?;
    ensure(holds(forwarded, |value| !value.contains("From")), "ForwardedFrom")?;
    check.is_first("AccountSid", account, starts_account_sid)?;
    check.is_first("ApiVersion", version, starts_digit)?;
    // A duration can be hidden only in the fields that are signed before the call.
    let before_call = call.map_or(check.text.text().len(), |call| call.start);
    let mut hidden = check.text.copies("CallDuration", 0..before_call, starts_digit);
    ensure(hidden.next().is_none(), "CallDuration")?;
    check.is_first("CallSid", call, starts_call_sid)?;
    check.is_first("CallStatus", status, starts_call_status)?;
    check.is_first("Called", to_twin, starts_address)?;
    check.is_first("Caller", from_twin, starts_address)?;
    check.check_from()?;
    check.is_only("Direction", direction, starts_direction)?;
    check.check_to()?;
    Ok(CallFields {
        call: value(call),
        status: value(status),
        direction: value(direction),
        from: value(from),
        to: value(to),
    })
}

/// Refuses a form in signed order in which a text of the caller's became `From`.
///
/// After the first request for a call, there are fields between `Direction` and `From`, which can hide the genuine `From`,
/// and more texts of the caller's behind it: what was said, for example. A longer one hides what another `From` leaves
/// over, which a check of the values cannot tell. So `From` must be the first one behind `Direction`, and equal `Caller`.
/// Only for a caller who is withheld or a Voice SDK client can Twilio leave `Caller` empty.
///
/// The message of an error can contain the word, too. It hides no caller if it continues as prose does.
pub(crate) fn refuse_other_caller(form: &Form) -> Result<(), FieldError> {
    let [caller, direction, from] = form.only_in_order(["Caller", "Direction", "From"])?;
    let text = SignedText::new(form);
    let Some(from) = from else { return Ok(()) };
    let caller = caller.map(|field| text.value(field));
    if let Some(caller) = caller {
        let may_differ = matches!(
            Address::parse_caller(text.value(from)),
            Ok(Address::Withheld | Address::Client(_))
        ) && Address::parse(caller) == Ok(Address::Withheld);
        ensure(may_differ || caller == text.value(from), "From")?;
    }
    let between = direction.map_or(0, |field| field.end)..from.start;
    let is_forwarded =
        |copy: &Copy<'_>| copy.holder == "ForwardedFrom" && copy.place == Place::Suffix;
    let mut hidden =
        text.copies("From", between, |rest| can_be_caller(rest, caller, text.value(from)));
    ensure(!hidden.any(|copy| !is_forwarded(&copy)), "From")
}

/// Whether a hidden `From` can be followed by this text.
///
/// The given `Caller` is the first one, so the genuine caller ID starts with it, unless the genuine `Caller` is empty:
/// then the caller is withheld or a client, or the name of the next field follows.
fn can_be_caller(rest: &str, caller: Option<&str>, from: &str) -> bool {
    let is_name = |text: &str| text.starts_with(|first: char| first.is_ascii_uppercase());
    let Some(caller) = caller else { return true };
    let can_be_empty = caller.is_empty() || caller != from || is_name(caller);
    (!caller.is_empty() && rest.starts_with(caller))
        || starts_address(rest)
        || starts_withheld(rest)
        || (can_be_empty && is_name(rest))
}

/// Refuses the form of a message into which that of a call was cut.
pub(crate) fn refuse_call(form: &Form) -> Result<(), FieldError> {
    let [call] = form.only_in_order(["CallSid"])?;
    let text = SignedText::new(form);
    if let Some(call) = call {
        // The text of a stream's error or name, signed after `CallSid`, can contain the fields of a message.
        ensure(is_any_sid(text.value(call)), "CallSid")?;
        call_fields(form)?;
    }
    let mut copies = text.copies("CallSid", 0..text.text().len(), starts_call_sid);
    ensure(copies.next().is_none(), "CallSid")
}

pub(super) struct Call<'f> {
    pub(super) text: SignedText<'f>,
    /// Where the first field before `Caller` starts whose value a caller can choose.
    first_free: usize,
    /// `Called`.
    to_twin: Option<Field>,
    /// `Caller`.
    from_twin: Option<Field>,
    from: Option<Field>,
    to: Option<Field>,
}

impl<'f> Call<'f> {
    /// The fields of a request about a call whose first request was checked by [`call_fields`].
    pub(super) fn later(form: &'f Form) -> Result<Self, FieldError> {
        let [from_twin, from] = form.only_in_order(["Caller", "From"])?;
        let text = SignedText::new(form);
        Ok(Self { text, first_free: 0, to_twin: None, from_twin, from, to: None })
    }

    /// Refuses a form in which a field is not the first one of its name in the signed text.
    fn is_first(
        &self,
        name: &'static str,
        field: Option<Field>,
        is_value: fn(&str) -> bool,
    ) -> Result<(), FieldError> {
        let text = &self.text;
        let end = text.text().len();
        let Some(field) = field else {
            return self.is_absent(name, is_value);
        };
        // Fast path: nearly every name has one copy.
        if text.text()[..field.start].contains(name) {
            let is_client = self.is_client();
            let mut earlier = text.copies(name, 0..field.start, |_text| true);
            let counts = |copy: Copy<'_>| {
                let is_free =
                    is_client && copy.place == Place::Value && !NOT_FREE.contains(&copy.holder);
                let starts_value = is_value(&text.text()[copy.at + name.len()..]);
                (!is_free || starts_value) && !(is_longer_name(name, &copy) && copy.holder < name)
            };
            ensure(!earlier.any(counts), name)?;
        }
        if self.first_free > field.start {
            return Ok(());
        }
        let mut later = text.copies(name, field.end..end, is_value);
        ensure(!later.any(|copy| !is_longer_name(name, &copy)), name)
    }

    /// Refuses a form in which a field was hidden in another one.
    fn is_absent(&self, name: &'static str, is_value: fn(&str) -> bool) -> Result<(), FieldError> {
        let text = &self.text;
        let is_client = self.is_client();
        let is_hidden = |copy: Copy<'_>| {
            if is_value(&text.text()[copy.at + name.len()..]) {
                !(copy.place == Place::Suffix && copy.holder > name)
            } else {
                name != "To" && !is_client && !starts_other(name, copy.holder)
            }
        };
        let end = text.text().len();
        ensure(!text.copies(name, 0..end, |_text| true).any(is_hidden), name)
    }

    /// Refuses a form that contains another copy of a field, except in the address of the caller.
    pub(super) fn is_only(
        &self,
        name: &'static str,
        field: Option<Field>,
        is_value: fn(&str) -> bool,
    ) -> Result<(), FieldError> {
        let text = self.text.text();
        let start = field.map_or(0, |field| field.start);
        let end = field.map_or(0, |field| field.end);
        // Fast path: nearly every name has one copy.
        if !text[..start].contains(name) && !text[end..].contains(name) {
            return Ok(());
        }
        let is_confirmed = self.is_confirmed(self.from, self.from_twin);
        let counts = |copy: Copy<'_>| {
            let is_of_caller =
                matches!(copy.holder, "Caller" | "From") && copy.place == Place::Value;
            let is_harmless = is_of_caller && is_confirmed;
            // A missing or replaced field may have become the end of the name of the field before it. Calls with
            // parameters of their own are inbound.
            let may_be_hidden = match field {
                None => true,
                Some(field) => name == "Direction" && self.text.value(field) != "inbound",
            };
            let is_hidden = may_be_hidden && copy.holder < name;
            !is_harmless && (is_hidden || !is_longer_name(name, &copy))
        };
        let copies = |range| self.text.copies(name, range, is_value);
        ensure(!copies(0..start).chain(copies(end..text.len())).any(counts), name)
    }

    /// Whether a field has the same value as its twin.
    fn is_confirmed(&self, field: Option<Field>, twin: Option<Field>) -> bool {
        match (field, twin) {
            (Some(field), Some(twin)) => {
                let value = self.text.value(twin);
                !value.is_empty() && self.text.value(field) == value
            }
            _ => false,
        }
    }

    /// Whether the form is from a Voice SDK client, which may send parameters with names of its own. Twilio then reports
    /// no places.
    pub(super) fn is_client(&self) -> bool {
        let is_client = |field: Field| self.text.value(field).starts_with(CLIENT);
        let caller_at = self.from_twin.map_or(0, |caller| caller.start);
        self.from.is_some_and(is_client) && !self.text.text()[..caller_at].contains("CalledCountry")
    }

    fn check_from(&self) -> Result<(), FieldError> {
        let Some(from) = self.from else {
            return self.is_absent("From", starts_address);
        };
        let text = &self.text;
        let value = text.value(from);
        ensure(!text.is_split("From"), "From")?;
        if self.is_confirmed(self.from, self.from_twin) {
            return Ok(());
        }
        // `ForwardedFrom`, whose name was cut.
        ensure(!text.text()[..from.start].ends_with("Forwarded"), "From")?;
        let is_client = value.starts_with(CLIENT);
        ensure(is_client || !BEHIND_FROM.iter().any(|name| value.contains(name)), "From")?;
        let caller = self.from_twin.map(|caller| text.value(caller)).unwrap_or_default();
        ensure(!starts_place(value) && !starts_place(caller), "From")?;
        ensure(!self.is_cut_shorter(from), "From")?;
        let are_numbers = is_number(value) && is_number(caller);
        let are_withheld =
            [value, caller].iter().all(|text| Address::parse(text) == Ok(Address::Withheld));
        ensure(value.is_empty() || caller.is_empty() || are_numbers || are_withheld, "From")?;
        let end = text.text().len();
        let is_value = |text: &str| {
            starts_address(text)
                || starts_withheld(text)
                || (!caller.is_empty() && text.starts_with(caller))
        };
        let mut copies = text.copies("From", 0..end, is_value);
        // The number in a parameter of a client's own cannot be who calls: a client has no number.
        let is_parameter = |copy: &Copy<'_>| {
            is_client
                && copy.place == Place::Suffix
                && text.text()[copy.at + "From".len()..].starts_with('+')
        };
        let is_other = |copy: &Copy<'_>| is_longer_name("From", copy) || is_parameter(copy);
        ensure(!copies.any(|copy| !is_other(&copy)), "From")?;
        let mut genuine =
            text.copies("Caller", 0..end, |text| !value.is_empty() && text.starts_with(value));
        ensure(!genuine.any(|copy| !is_longer_name("Caller", &copy)), "From")
    }

    /// Whether one of the twins `From` and `Caller` was cut shorter than the other.
    fn is_cut_shorter(&self, from: Field) -> bool {
        let Some(caller) = self.from_twin else { return false };
        let rest = |field: Field| self.text.text()[field.value().start..].bytes();
        let same = rest(from).zip(rest(caller)).take_while(|(one, two)| one == two).count();
        let is_number = |field: Field| is_number(self.text.value(field));
        match (from.value().len(), caller.value().len()) {
            (0, 0) => false,
            (0, _) => same > 0,
            (from, 0) => same >= from,
            (len, caller_len) if is_number(from) && is_number(caller) => {
                same >= len.min(caller_len)
            }
            _ => same > 0,
        }
    }

    fn check_to(&self) -> Result<(), FieldError> {
        let Some(to) = self.to else {
            return self.is_absent("To", starts_address);
        };
        if self.is_confirmed(self.to, self.to_twin) {
            return Ok(());
        }
        let text = &self.text;
        let value = text.value(to);
        let absorbed = ["ToCity", "ToCountry", "ToState", "ToZip"];
        ensure(!absorbed.iter().any(|name| value.contains(name)), "To")?;
        let called = self.to_twin.map(|called| text.value(called)).unwrap_or_default();
        ensure(!starts_place(value) && !starts_place(called), "To")?;
        let is_cut =
            called.len() > value.len() && text.text()[to.value().start..].starts_with(called);
        ensure(!is_cut, "To")?;
        // A SIP caller chooses both, so only their equality shows where the address ends.
        let are_numbers = is_number(value) && is_number(called);
        let is_one_empty = value.is_empty() || called.is_empty();
        ensure(is_one_empty || are_numbers || self.is_client(), "To")?;
        let is_confirmed = self.is_confirmed(self.from, self.from_twin);
        let is_free = |name: &str| match name {
            "From" => !is_confirmed,
            name => !NOT_FREE.contains(&name) && !NOT_FREE_EITHER.contains(&name),
        };
        let end = text.text().len();
        if text.any_before(to.start, is_free) {
            let mut later = text.copies("To", to.value().start..end, starts_address);
            ensure(later.next().is_none(), "To")?;
        }
        let mut earlier = text.copies("To", 0..to.start, starts_address);
        let harmless = |copy: &Copy<'_>| {
            let of_caller = match copy.holder {
                "Caller" | "From" => is_confirmed,
                name => name.starts_with("SipHeader_"),
            };
            (of_caller && copy.place == Place::Value) || is_longer_name("To", copy)
        };
        ensure(!earlier.any(|copy| !harmless(&copy)), "To")
    }
}

/// Whether a value can be a phone number.
fn is_number(value: &str) -> bool {
    value.strip_prefix('+').is_some_and(is_digits)
}

/// Whether a value is the end of the name of another field, such as `FromCity`, and its value.
fn starts_place(value: &str) -> bool {
    ["City", "Country", "State", "Zip"].iter().any(|place| value.starts_with(place))
}

/// Whether the name of a field is another name of Twilio's that starts with this one.
fn starts_other(name: &str, holder: &str) -> bool {
    let rest = holder.strip_prefix(name).unwrap_or_default();
    ["City", "Country", "Name", "State", "Via", "Zip"].contains(&rest)
}

/// Whether a copy is a field of its own, whose name ends with this name: `ForwardTo`, `ParentCallSid`. A forged one has a
/// name between this name and the next that Twilio always sends.
fn is_longer_name(name: &str, copy: &Copy<'_>) -> bool {
    let next = match name {
        "AccountSid" | "ApiVersion" => "CallSid",
        "CallSid" => "CallStatus",
        "CallStatus" | "Called" => "Caller",
        "Caller" => "Direction",
        "Direction" => "From",
        "From" => "To",
        _ => return copy.place == Place::Suffix && copy.holder < name,
    };
    copy.place == Place::Suffix && (copy.holder < name || copy.holder > next)
}
