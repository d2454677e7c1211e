//! Cuts of a signed text into fields whose names are in order.

use super::random::Random;

/// The signed text of fields.
pub(crate) fn signed_text(fields: &[(&str, String)]) -> String {
    let mut sorted: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    sorted.sort_unstable();
    sorted.into_iter().flat_map(|(name, value)| [name, value]).collect()
}

/// The places of a signed text where a field can start or end.
pub(crate) struct Places<'t> {
    text: &'t str,
    /// Where a known name starts, or the text ends; sorted.
    starts: Vec<usize>,
    /// Where a known name ends; sorted.
    ends: Vec<usize>,
}

impl<'t> Places<'t> {
    pub(crate) fn new(text: &'t str, names: &[&str]) -> Self {
        let matches = |name: &&str| {
            text.match_indices(*name).map(|(at, name)| (at, at + name.len())).collect::<Vec<_>>()
        };
        let found: Vec<_> = names.iter().flat_map(matches).collect();
        let sorted = |offsets: Vec<usize>| {
            let mut offsets = offsets;
            offsets.sort_unstable();
            offsets.dedup();
            offsets
        };
        let starts = sorted(found.iter().map(|(start, _)| *start).chain([text.len()]).collect());
        let ends = sorted(found.iter().map(|(_, end)| *end).collect());
        Self { text, starts, ends }
    }

    /// The offsets of a name.
    pub(crate) fn of(&self, name: &str) -> Vec<usize> {
        self.text.match_indices(name).map(|(at, _)| at).collect()
    }

    /// A cut in which the fields of `chain` start at these offsets; `None` if there is none, or none was found.
    ///
    /// The chain is in order. `value_end` gives the end of a value that its grammar determines.
    pub(crate) fn cut(
        &self,
        chain: &[(usize, &'static str)],
        value_end: impl Fn(&str, &str) -> Option<usize>,
        random: &mut Random,
    ) -> Option<Vec<(&'t str, &'t str)>> {
        let mut fields = Vec::new();
        self.fill(
            0,
            "",
            chain.first().map_or(self.text.len(), |(at, _)| *at),
            chain.first().map(|(_, name)| *name),
            &mut fields,
            random,
        )?;
        for (index, (at, name)) in chain.iter().enumerate() {
            let next = chain.get(index + 1);
            let until = next.map_or(self.text.len(), |(at, _)| *at);
            let start = at + name.len();
            if start > until {
                return None;
            }
            let end = match value_end(name, &self.text[start..until]) {
                Some(length) => start + length,
                None if random.once_in(3) => until,
                None => *random.pick(between(&self.starts, start, until))?,
            };
            if end > until {
                return None;
            }
            fields.push((&self.text[*at..start], &self.text[start..end]));
            self.fill(end, name, until, next.map(|(_, name)| *name), &mut fields, random)?;
        }
        Some(fields)
    }

    /// Cuts the text between two offsets into fields whose names are between two names.
    fn fill(
        &self,
        mut at: usize,
        after: &str,
        until: usize,
        before: Option<&str>,
        fields: &mut Vec<(&'t str, &'t str)>,
        random: &mut Random,
    ) -> Option<()> {
        let mut after: &str = after;
        while at < until {
            let near = (at + 1..=until.min(at + 3)).filter(|end| self.text.is_char_boundary(*end));
            let ends: Vec<_> = near
                .chain(between(&self.ends, at + 1, until).iter().copied().take(12))
                .filter(|end| {
                    let name = &self.text[at..*end];
                    name > after && before.is_none_or(|before| name < before)
                })
                .collect();
            let name_end = *random.pick(&ends)?;
            let value_ends = between(&self.starts, name_end, until);
            let end =
                if random.once_in(2) { until } else { *random.pick(value_ends).unwrap_or(&until) };
            let name = &self.text[at..name_end];
            after = name;
            fields.push((name, &self.text[name_end..end]));
            at = end;
        }
        Some(())
    }
}

/// The offsets of a sorted list that are in a range, whose end is included.
fn between(offsets: &[usize], from: usize, to: usize) -> &[usize] {
    let first = offsets.partition_point(|offset| *offset < from);
    let last = offsets.partition_point(|offset| *offset <= to);
    &offsets[first..last.max(first)]
}
