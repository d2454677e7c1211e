//! Numbers that routing plans decide for.

mod availability;
mod decision_services;
mod ladders;
mod old_plans;
mod outages;
mod places;
mod rig;
