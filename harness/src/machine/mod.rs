//! What the machine has to give: file descriptors, ports, memory and room on the disk.
//!
//! A run that fails because the machine ran short says nothing about the client. [`Shortage`] names
//! what is missing; whoever meets one notes it in the world of the run, and the run has no verdict.
//! [`DescriptorLimit`] keeps the usual shortage from happening: it raises the limit of this process
//! and says how many runs fit into it.

mod descriptor_limit;
mod free_space;
mod oom_kills;
mod shortage;

pub use descriptor_limit::DescriptorLimit;
pub(crate) use free_space::find_disk_shortage;
pub(crate) use oom_kills::count_oom_kills;
pub use shortage::Shortage;
