//! Decision services and voice servers, as servers on this machine play them.

mod asking;
mod certificates;
mod looking;
mod rig;
mod servers;
mod silence;
