//! Twilio signs names and values without delimiters: no cut of a genuine signed text may be taken for another request,
//! and no genuine request may be refused for it.

mod corpus;
mod corpus_values;
mod cuts;
mod decision;
mod forgeries;
mod random;
mod samples;
