//! The threads of this crate, and what they wait at: the system's; built with `--cfg shuttle`, those
//! of a model that takes every turn itself, so that a test can try the orders in which threads run
//! (`cargo xtask model`).

pub(crate) use here::{Condvar, JoinHandle, Mutex, MutexGuard, Scope, scope, spawn, spawn_scoped};

#[cfg(not(shuttle))]
mod here {
    use std::io;
    pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};
    use std::thread::Builder;
    pub(crate) use std::thread::{JoinHandle, Scope, scope};

    /// Starts a thread within a scope; false if the system has none to give.
    pub(crate) fn spawn_scoped<'s>(
        scope: &'s Scope<'s, '_>,
        name: &str,
        body: impl FnOnce() + Send + 's,
    ) -> bool {
        Builder::new().name(name.to_owned()).spawn_scoped(scope, body).is_ok()
    }

    /// Starts a thread of its own.
    pub(crate) fn spawn<T: Send + 'static>(
        name: &str,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<JoinHandle<T>> {
        Builder::new().name(name.to_owned()).spawn(body)
    }
}

#[cfg(shuttle)]
mod here {
    use std::io;

    pub(crate) use shuttle::sync::{Condvar, Mutex, MutexGuard};
    use shuttle::thread::Builder;
    pub(crate) use shuttle::thread::{JoinHandle, Scope, scope};

    /// Starts a thread within a scope. The model has no names for these.
    pub(crate) fn spawn_scoped<'s>(
        scope: &'s Scope<'s, '_>,
        _name: &str,
        body: impl FnOnce() + Send + 's,
    ) -> bool {
        scope.spawn(body);
        true
    }

    /// Starts a thread of its own.
    pub(crate) fn spawn<T: Send + 'static>(
        name: &str,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<JoinHandle<T>> {
        Builder::new().name(name.to_owned()).spawn(body)
    }
}
