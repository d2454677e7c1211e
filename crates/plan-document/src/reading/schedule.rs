//! When: windows, days, calendars, exceptions.

use switchboard_domain::plan::{
    DateRange, Exceptions, LocalDate, MinuteOfDay, ScheduleSpec, Weekdays, Window,
};

use super::fields::Fields;
use super::place::{Place, Read, Reading, list};
use super::values::{label, parsed, word, zone};
use crate::shape::words::WEEKDAYS;
use crate::tree::Tree;

pub(crate) fn schedule(place: &Place<'_>, reading: &mut Reading) -> Read<ScheduleSpec> {
    let mut fields = Fields::of(place, reading, "a schedule, an object")?;
    let zone = fields.optional("time_zone", reading, zone);
    let weekly = fields.list("weekly", reading, window);
    let dates = fields.list("dates", reading, dates);
    let calendars = fields.list("calendars", reading, label);
    let except = fields.optional("except", reading, exceptions);
    fields.finish(reading)?;
    Ok(ScheduleSpec {
        zone: zone?,
        weekly: weekly?,
        dates: dates?,
        calendars: calendars?,
        except: except?.unwrap_or_default(),
    })
}

fn exceptions(place: &Place<'_>, reading: &mut Reading) -> Read<Exceptions> {
    let mut fields = Fields::of(place, reading, "exceptions, an object")?;
    let dates = fields.list("dates", reading, dates);
    let calendars = fields.list("calendars", reading, label);
    fields.finish(reading)?;
    Ok(Exceptions { dates: dates?, calendars: calendars? })
}

fn window(place: &Place<'_>, reading: &mut Reading) -> Read<Window> {
    const HINT: &str = "write for example \"09:00\"";
    let mut fields = Fields::of(place, reading, "a window, an object with from and to")?;
    let days = fields.optional("days", reading, weekdays);
    let from = fields.required("from", HINT, reading, begin);
    let to = fields.required("to", HINT, reading, minute);
    let at = fields.at().clone();
    fields.finish(reading)?;
    let days = days?.unwrap_or(Weekdays::ALL);
    Window::new(days, from?, to?).ok_or_else(|| {
        reading.refuse(&at, "ends when it begins; for a whole day write 00:00 to 24:00")
    })
}

fn weekdays(place: &Place<'_>, reading: &mut Reading) -> Read<Weekdays> {
    let days =
        list(place, reading, |place, reading| word(place, reading, &WEEKDAYS, Weekdays::parse))?;
    if days.is_empty() {
        return Err(reading.refuse(&place.at, "names no day; leave it out for all days"));
    }
    Ok(days.into_iter().fold(Weekdays::default(), Weekdays::and))
}

fn minute(place: &Place<'_>, reading: &mut Reading) -> Read<MinuteOfDay> {
    parsed(place, reading, |text| {
        MinuteOfDay::parse(text)
            .ok_or("must be a time of day from 00:00 to 24:00, for example 09:00")
    })
}

fn begin(place: &Place<'_>, reading: &mut Reading) -> Read<MinuteOfDay> {
    let minute = minute(place, reading)?;
    if minute == MinuteOfDay::END {
        let what = "is the end of the day; begin at 00:00 of the day after";
        return Err(reading.refuse(&place.at, what));
    }
    Ok(minute)
}

/// A day or a range of days: a text, or an object with from and to.
pub(crate) fn dates(place: &Place<'_>, reading: &mut Reading) -> Read<DateRange> {
    if matches!(place.tree, Tree::Text(_)) {
        return parsed(place, reading, dates_in);
    }
    let mut fields = Fields::of(place, reading, "a day, or an object with from and to")?;
    let from = fields.required("from", DAY_HINT, reading, day);
    let to = fields.required("to", DAY_HINT, reading, day);
    let at = fields.at().clone();
    fields.finish(reading)?;
    DateRange::new(from?, to?).ok_or_else(|| reading.refuse(&at, BACKWARDS))
}

const DAY_HINT: &str = "write for example \"2026-12-24\"";
const BACKWARDS: &str = "ends before it begins; exchange the two days";

fn day(place: &Place<'_>, reading: &mut Reading) -> Read<LocalDate> {
    parsed(place, reading, day_in)
}

fn day_in(text: &str) -> Result<LocalDate, String> {
    LocalDate::parse(text)
        .ok_or_else(|| "is no day of the calendar; write for example 2026-12-24".to_owned())
}

/// A day, or a range of days `2026-12-24..2027-01-01`.
pub(crate) fn dates_in(text: &str) -> Result<DateRange, String> {
    match text.split_once("..") {
        None => day_in(text).map(DateRange::day),
        Some((first, last)) => {
            DateRange::new(day_in(first)?, day_in(last)?).ok_or_else(|| BACKWARDS.to_owned())
        }
    }
}
