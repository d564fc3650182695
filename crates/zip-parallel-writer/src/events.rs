//! One place that tells observer and monitor the same.

use zip_io::progress::Observer;

use crate::error::Error;
use crate::item::Item;
use crate::monitor::Monitor;
use crate::options::Options;

/// Who is told of a run. Never called under a lock.
#[derive(Clone, Copy)]
pub(crate) struct Events<'o> {
    observer: &'o dyn Observer,
    monitor: Option<&'o Monitor>,
}

impl<'o> Events<'o> {
    pub(crate) const fn new(options: &Options<'o>) -> Self {
        Self { observer: options.observer, monitor: options.monitor }
    }

    pub(crate) fn start(&self, index: usize, item: &Item<'_>) {
        self.observer.start(index, &|| item.text_name());
    }

    pub(crate) fn advance(&self, index: usize, bytes: u64) {
        self.observer.advance(index, bytes);
        if let Some(monitor) = self.monitor {
            monitor.advance(bytes);
        }
    }

    pub(crate) fn produce(&self, index: usize, bytes: u64) {
        self.observer.produce(index, bytes);
        if let Some(monitor) = self.monitor {
            monitor.produce(bytes);
        }
    }

    pub(crate) fn finish(&self, index: usize) {
        self.observer.finish(index);
        if let Some(monitor) = self.monitor {
            monitor.complete();
        }
    }

    pub(crate) fn fail(&self, index: usize, error: &Error) {
        self.observer.fail(index, error);
        if let Some(monitor) = self.monitor {
            monitor.fail();
        }
    }
}
