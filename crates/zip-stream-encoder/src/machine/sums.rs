//! What is known of checksums: from the plan, from this run, and from earlier ones.

use std::sync::Arc;

use super::crcs::Crcs;
use super::pass::Pass;
use crate::cache::CrcCache;
use crate::error::{Error, Result, shown};
use crate::plan::Plan;
use crate::runs::Runs;

/// The checksums of a run.
pub(super) struct Sums {
    plan: Arc<Plan>,
    cache: Option<Arc<dyn CrcCache>>,
    crcs: Crcs,
    /// What is known of the entry whose contents were passed last, if not all.
    partial: Option<(usize, Runs)>,
}

impl Sums {
    pub(super) fn new(plan: Arc<Plan>) -> Self {
        Self { plan, cache: None, crcs: Crcs::default(), partial: None }
    }

    /// Keeps them from run to run.
    pub(super) fn keep_in(&mut self, cache: Arc<dyn CrcCache>) {
        self.cache = Some(cache);
    }

    /// The checksum of an entry, if anybody knows it.
    pub(super) fn crc(&mut self, index: usize) -> Option<u32> {
        if self.plan.salt(index).is_some() {
            // No record of an encrypted entry holds one.
            return Some(0);
        }
        let contents = self.plan.entry(index)?.contents;
        if let Some(crc32) = contents.crc32().or_else(|| self.crcs.get(index)) {
            return Some(crc32);
        }
        let crc32 = self.known(index).complete(contents.size())?;
        self.crcs.set(index, crc32, self.plan.entries());
        Some(crc32)
    }

    /// Pieces whose checksums are known, from this run or an earlier one.
    pub(super) fn known(&self, index: usize) -> Runs {
        let mut runs = match &self.partial {
            Some((entry, runs)) if *entry == index => runs.clone(),
            _ => Runs::new(),
        };
        let Some(entry) = self.plan.entry(index) else { return runs };
        if let Some(cache) = &self.cache
            && !entry.key.is_empty()
        {
            let kept = cache.load(entry.key);
            // Of other contents: somebody broke the promise that goes with keys.
            if !kept.exceeds(entry.contents.size()) {
                runs.merge(&kept);
            }
        }
        runs
    }

    /// Draws the conclusions of a pass whose last byte came: once, however often it is asked.
    pub(super) fn settle(&mut self, pass: &mut Pass) -> Result<()> {
        let Some(mut sum) = pass.sum.take() else { return Ok(()) };
        sum.close();
        let (index, whole) = (pass.entry, pass.is_whole());
        let Some(entry) = self.plan.entry(index) else { return Ok(()) };
        let size = entry.contents.size();
        let found = sum.runs.complete(size);
        if let (Some(found), true) = (found, whole) {
            // Of a version that was summed before, the sum is known as well as from the plan.
            let before = || self.known(index).complete(size);
            let expected = entry.contents.crc32().or_else(before);
            if let Some(expected) = expected.filter(|&expected| expected != found) {
                return Err(Error::Crc { name: shown(entry.meta.name), expected, found });
            }
        }
        if entry.contents.crc32().is_some() {
            return Ok(());
        }
        self.keep(index, &sum.runs);
        match found {
            Some(crc32) => {
                self.crcs.set(index, crc32, self.plan.entries());
                self.partial = None;
            }
            None => self.partial = Some((index, sum.runs)),
        }
        Ok(())
    }

    /// Keeps what was summed in a pass that ends before its last byte.
    pub(super) fn broken_off(&self, pass: &mut Pass) {
        if let Some(mut sum) = pass.sum.take() {
            sum.close();
            self.keep(pass.entry, &sum.runs);
        }
    }

    /// Leaves checksums for other runs.
    fn keep(&self, index: usize, runs: &Runs) {
        if let (Some(cache), Some(entry)) = (&self.cache, self.plan.entry(index))
            && !entry.key.is_empty()
            && entry.contents.crc32().is_none()
        {
            cache.store(entry.key, runs);
        }
    }
}
