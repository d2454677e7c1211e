//! Tests of the adapter with the simulator: the laws of every port, and behavior under load and failures.

mod laws;
mod load;
mod rig;
