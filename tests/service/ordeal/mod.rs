//! What breaks: servers and databases are killed, stopped, frozen and starved, and
//! nothing that was acknowledged is lost or there twice.

pub mod check;
mod clock;
mod cluster;
mod device;
mod full;
mod kill;
mod load;
mod order;
mod outage;
