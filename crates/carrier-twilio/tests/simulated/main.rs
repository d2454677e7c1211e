//! Tests of the adapter with the simulator: the laws of every port, and behavior under load and failures.

mod fixture;
mod laws;
mod load;
