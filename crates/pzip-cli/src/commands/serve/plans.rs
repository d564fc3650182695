//! Plans that are in use: downloads of the same archive share one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use pzip::stream::Plan;

/// Plans by their tag, as long as somebody holds them.
#[derive(Debug, Default)]
pub(super) struct Plans(Mutex<HashMap<String, Weak<Plan>>>);

impl Plans {
    /// The plan, or the same one that another download holds.
    pub(super) fn shared(&self, plan: Arc<Plan>) -> Arc<Plan> {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = plans.get(plan.tag()).and_then(Weak::upgrade) {
            return held;
        }
        plans.retain(|_, plan| plan.strong_count() > 0);
        plans.insert(plan.tag().to_owned(), Arc::downgrade(&plan));
        plan
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pzip::stream::{Contents, Entry};

    fn plan(name: &[u8]) -> Arc<Plan> {
        let mut plan = Plan::builder();
        plan.push(&Entry::file(name, Contents::of(b""))).unwrap();
        Arc::new(plan.finish())
    }

    #[test]
    fn the_same_plan_is_held_once_and_no_longer_than_needed() {
        let plans = Plans::default();
        let first = plans.shared(plan(b"a"));
        assert!(Arc::ptr_eq(&first, &plans.shared(plan(b"a"))));
        let other = plans.shared(plan(b"b"));
        assert!(!Arc::ptr_eq(&first, &other));
        drop(first);
        plans.shared(plan(b"c"));
        assert_eq!(plans.0.lock().unwrap().len(), 2, "a is gone");
    }
}
