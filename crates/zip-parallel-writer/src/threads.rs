//! The threads of this crate, and what they wait at: the system's; built with `--cfg shuttle`, those
//! of a model that takes every turn itself, so that a test can try the orders in which threads run
//! (`cargo xtask model`).

use std::io;

use here::Builder;
pub(crate) use here::{Condvar, JoinHandle, Mutex, MutexGuard, Scope, scope, spawn_scoped};

/// Starts a thread of its own.
pub(crate) fn spawn<T: Send + 'static>(
    name: &str,
    body: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    Builder::new().name(name.to_owned()).spawn(body)
}

#[cfg(not(shuttle))]
mod here {
    pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};
    pub(crate) use std::thread::{Builder, JoinHandle, Scope, scope};

    /// Starts a thread within a scope; false if the system has none to give.
    pub(crate) fn spawn_scoped<'s>(
        scope: &'s Scope<'s, '_>,
        name: &str,
        body: impl FnOnce() + Send + 's,
    ) -> bool {
        Builder::new().name(name.to_owned()).spawn_scoped(scope, body).is_ok()
    }
}

#[cfg(shuttle)]
mod here {
    pub(crate) use shuttle::sync::{Condvar, Mutex, MutexGuard};
    pub(crate) use shuttle::thread::{Builder, JoinHandle, Scope, scope};

    /// Starts a thread within a scope. The model has no names for these.
    pub(crate) fn spawn_scoped<'s>(
        scope: &'s Scope<'s, '_>,
        _name: &str,
        body: impl FnOnce() + Send + 's,
    ) -> bool {
        scope.spawn(body);
        true
    }
}
