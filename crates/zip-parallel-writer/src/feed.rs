//! Items to jobs: names checked, small items together, what may wait apart from what does not.

use std::panic::{AssertUnwindSafe, catch_unwind};

use zip_codec::level::Level;
use zip_format::method::Method;
use zip_io::Input;

use crate::error::{Error, panic_text};
use crate::form::Form;
use crate::item::Item;
use crate::names::Names;
use crate::options::Options;
use crate::read::{WHOLE_BYTES, growth, most_bytes};

/// Most items of one batch.
const BATCH_ITEMS: usize = 128;
/// Most items of one batch that have to be opened, or that are dear.
const BATCH_OPENED: usize = 32;
/// Contents of one batch, by their hints.
pub(crate) const BATCH_BYTES: u64 = 128 << 10;

/// Reserve of an input of which so much is read in one piece: that, and what it becomes.
pub(crate) const fn reserve_of(bytes: usize) -> usize {
    2 * bytes
}

/// Where items come from.
pub(crate) trait Supply<'i>: Send {
    /// The next item, waiting for it if need be; `None` after the last.
    fn next(&mut self) -> Option<Item<'i>>;

    /// Whether the next item is there, so that nobody has to wait for it.
    fn is_ready(&self) -> bool {
        true
    }

    /// How many more there are, if that is known.
    fn left(&self) -> Option<usize> {
        None
    }
}

/// An iterator as a supply.
pub(crate) struct Iter<I>(pub(crate) I);

impl<'i, I: Iterator<Item = Item<'i>> + Send> Supply<'i> for Iter<I> {
    fn next(&mut self) -> Option<Item<'i>> {
        self.0.next()
    }

    fn left(&self) -> Option<usize> {
        let (least, most) = self.0.size_hint();
        most.filter(|&most| most == least)
    }
}

/// Items for one worker, and their place in the order.
pub(crate) struct Job<'i> {
    pub(crate) number: u64,
    pub(crate) items: Vec<(usize, Item<'i>)>,
    pub(crate) refused: Vec<(usize, Item<'i>, Error)>,
    /// One item that may be large, or whose input may wait.
    pub(crate) single: bool,
    /// Bytes that one thread has to compress in one go: large members of methods that are not
    /// divided. They are begun before others, so that none is left over at the end.
    pub(crate) undivided: u64,
    /// Bytes its reader may hold at first: the contents, or the start of them, and what they
    /// become. Zero for an input that does not wait.
    pub(crate) reserve: usize,
    /// Bytes it may come to hold, step by step ([`growth`]).
    pub(crate) whole: usize,
}

impl Job<'_> {
    /// Its reserve is for its first bytes only.
    pub(crate) const fn grows(&self) -> bool {
        self.reserve < self.whole
    }

    /// Reserves all it may need at once, so that it never waits for memory half way.
    pub(crate) const fn reserve_all(&mut self) {
        self.reserve = self.whole;
    }
}

/// Whether an item takes long whatever its size is: a key to be derived, a coder to be made.
fn is_dear(item: &Item<'_>, options: &Options<'_>) -> bool {
    let method = item.method.unwrap_or(options.method);
    !matches!(method, Method::STORED | Method::DEFLATE) || item.encryption(options).is_some()
}

/// The items still to come.
pub(crate) struct Feed<'i, P> {
    supply: P,
    names: Names,
    jobs: u64,
    next_index: usize,
    /// The item after those of the job before, which did not belong to them.
    held_back: Option<(usize, Item<'i>)>,
}

impl<'i, P: Supply<'i>> Feed<'i, P> {
    pub(crate) fn new(supply: P) -> Self {
        Self { supply, names: Names::default(), jobs: 0, next_index: 0, held_back: None }
    }

    /// Items that were taken from the supply.
    pub(crate) const fn taken(&self) -> usize {
        self.next_index
    }

    /// How many more there are, if that is known.
    pub(crate) fn left(&self) -> Option<usize> {
        self.supply.left()
    }

    /// The next job; `None` after the last.
    pub(crate) fn next(&mut self, options: &Options<'_>) -> Option<Job<'i>> {
        let (mut items, mut refused) = (Vec::new(), Vec::new());
        let (mut bytes, mut opened) = (0_u64, 0);
        while items.len() + refused.len() < BATCH_ITEMS
            && opened < BATCH_OPENED
            && bytes < BATCH_BYTES
        {
            let (index, item) = match self.held_back.take() {
                Some(held) => held,
                None => {
                    // What is there already does not wait for what comes later.
                    let begun = !items.is_empty() || !refused.is_empty();
                    if begun && !self.supply.is_ready() {
                        break;
                    }
                    let Some(item) = self.supply.next() else { break };
                    let index = self.next_index;
                    self.next_index += 1;
                    (index, item)
                }
            };
            // An input of the caller's may panic; that is its item's failure and no one else's.
            let asked = catch_unwind(AssertUnwindSafe(|| {
                // What lies in memory does not wait.
                let input = item.contents.as_deref().filter(|input| input.as_slice().is_none());
                (item.len_hint(), input.is_some_and(Input::may_wait), input.is_some())
            }));
            let (hint, waits, opens) = match asked {
                Ok(answer) => answer,
                Err(panic) => {
                    refused.push((index, item, Error::Panicked(panic_text(&*panic))));
                    continue;
                }
            };
            if waits || hint.is_none_or(|len| len > WHOLE_BYTES as u64) {
                if !items.is_empty() || !refused.is_empty() {
                    self.held_back = Some((index, item));
                    break;
                }
                match self.names.claim(std::iter::once(&*item.name)).pop() {
                    Some(Err(error)) => refused.push((index, item, error)),
                    _ => return Some(self.single(index, item, hint, waits, options)),
                }
                continue;
            }
            bytes = bytes.saturating_add(hint.unwrap_or(0));
            opened += usize::from(opens || is_dear(&item, options));
            if items.is_empty() {
                items.reserve(BATCH_OPENED);
            }
            items.push((index, item));
        }
        if items.is_empty() && refused.is_empty() {
            return None;
        }
        let claimed = self.names.claim(items.iter().map(|(_, item)| &*item.name));
        // Those that are refused are few.
        let wrong = claimed.into_iter().enumerate();
        let wrong = wrong.filter_map(|(at, claim)| Some((at, claim.err()?)));
        for (gone, (at, error)) in wrong.enumerate() {
            let (index, item) = items.remove(at - gone);
            refused.push((index, item, error));
        }
        let number = self.number();
        Some(Job { number, items, refused, single: false, undivided: 0, reserve: 0, whole: 0 })
    }

    fn single(
        &mut self,
        index: usize,
        item: Item<'i>,
        hint: Option<u64>,
        waits: bool,
        options: &Options<'_>,
    ) -> Job<'i> {
        let method = item.method.unwrap_or(options.method);
        let stored = method == Method::STORED || item.level.unwrap_or(options.level) == Level::NONE;
        let divided = stored || method == Method::DEFLATE || item.form != Form::Contents;
        let hint = match &item.form {
            Form::Compressed(compressed) => Some(compressed.facts.compressed_size),
            _ => hint,
        };
        let whole = most_bytes(hint);
        let first = growth(hint).first().copied().unwrap_or(whole);
        let reserve = |bytes| if waits { reserve_of(bytes) } else { 0 };
        Job {
            number: self.number(),
            items: vec![(index, item)],
            refused: Vec::new(),
            single: true,
            undivided: if divided { 0 } else { hint.unwrap_or(u64::MAX) },
            reserve: reserve(first),
            whole: reserve(whole),
        }
    }

    fn number(&mut self) -> u64 {
        self.jobs += 1;
        self.jobs - 1
    }
}
