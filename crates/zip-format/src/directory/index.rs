//! The validated layout of a directory: where each central header is, and in which order the
//! members stand in the archive, so that the end of each is known.
//!
//! *Limits*: 4 bytes an entry, and 4 more where directory order and archive order differ; O(n)
//! time for archives in order, O(n log n) for others.

use alloc::vec::Vec;

use super::{prefix, read, signing};
use crate::entry::Entry;
use crate::error::{Error, ErrorKind, Record, Result};
use crate::limits::Limits;
use crate::local;
use crate::locate::Located;
use crate::position::{Position, Span, VolumeMap};
use crate::profile::Relax;

/// Where the entries are. Offsets only; the directory's bytes stay with their owner.
#[derive(Clone, Debug)]
pub struct Index {
    /// Offset of each central header in the directory.
    headers: Vec<u32>,
    /// Entry numbers by offset of their local headers; absent where that is directory order.
    order: Option<Vec<u32>>,
    /// Where the directory is in the archive, and what is added to its offsets.
    directory: Span,
    base: u64,
    /// First byte of the first member: everything before is prefix.
    first: u64,
    /// The members end before here: the directory, or what stands between it and them.
    members_end: u64,
    /// From here to `members_end` there are only zeros that belong to what stands there.
    padding_start: u64,
    /// The last member goes to here at least.
    last_end: u64,
    /// Where the volumes start; none where there is one.
    volumes: Vec<u64>,
    needs: Relax,
}

impl Index {
    /// Walks the whole directory once: every header is well-formed, the count is right, every
    /// member lies between the start of the archive and the directory, and no two share bytes.
    ///
    /// # Errors
    /// The first contradiction, with its offset in the archive; or a limit.
    pub fn build(bytes: &[u8], located: &Located, relax: Relax, limits: &Limits) -> Result<Self> {
        let volumes = VolumeMap::one(located.directory.start);
        Self::build_over_volumes(bytes, located, volumes, relax, limits)
    }

    /// The same over several volumes: the members lie in the whole that they make.
    ///
    /// # Errors
    /// As [`Index::build`].
    pub fn build_over_volumes(
        bytes: &[u8],
        located: &Located,
        volumes: VolumeMap<'_>,
        relax: Relax,
        limits: &Limits,
    ) -> Result<Self> {
        let limit = |what, limit, found| {
            let kind = ErrorKind::Limit { what, limit, found };
            Err(Error::new(kind, located.directory.start))
        };
        let longest = limits.directory_bytes.min(u64::from(u32::MAX));
        if bytes.len() as u64 > longest {
            return limit("bytes of the directory", longest, bytes.len() as u64);
        }
        let bounds = Bounds { base: located.base, limit: located.directory.start, volumes };
        let mut headers = Vec::with_capacity(bounded_capacity(located, bytes));
        let Order { ascending, last_end } = bounds.place(bytes, &mut headers)?;
        if headers.len() as u64 > limits.entries {
            return limit("number of entries", limits.entries, headers.len() as u64);
        }
        let mut index = Self {
            headers,
            order: None,
            directory: located.directory,
            base: located.base,
            first: located.directory.start,
            members_end: located.directory.start,
            padding_start: located.directory.start,
            last_end,
            volumes: volumes.starts().to_vec(),
            needs: located.needs,
        };
        index.check_count(located, relax)?;
        if !ascending {
            index.sort(bytes, &bounds)?;
        } else if let Some(first) = index.entry(bytes, 0) {
            index.first = index.local_at(&first?);
        }
        Ok(index)
    }

    /// The bytes that [`Index::check_prefix`] judges, in the whole archive: up to the first member,
    /// and at most 64 KiB.
    #[must_use]
    pub fn prefix_head(&self) -> Span {
        Span { start: 0, end: self.first.min(prefix::HEAD_BYTES) }
    }

    /// Judges the bytes before the first member, out of those of [`Index::prefix_head`]. The index
    /// itself sees the directory only, so this is a step of its own, to be made once after
    /// [`Index::build`].
    ///
    /// The marker of a split archive is no prefix. A prefix that holds a local header is no stub,
    /// but a member that the directory does not name: readers that go forward see it.
    ///
    /// # Errors
    /// A prefix, or a hidden member, that `relax` does not have.
    pub fn check_prefix(&mut self, head: &[u8], relax: Relax) -> Result<()> {
        prefix::check(self.first, head, relax, &mut self.needs)
    }

    /// The bytes that [`Index::signing_head`] looks at; `None` where there is no room for a block.
    #[must_use]
    pub fn signing_tail(&self) -> Option<Span> {
        signing::tail(self.behind_members())
    }

    /// The first bytes of the APK Signing Block that these last ones announce, and up to a page
    /// before it, to be given to [`Index::set_signing_block`]; `None` where there is none.
    #[must_use]
    pub fn signing_head(&self, tail: &[u8]) -> Option<Span> {
        let room = self.behind_members();
        signing::block(room, tail).map(|block| signing::head(room, block))
    }

    /// Takes the APK Signing Block of these first and last bytes for a record of its own, and no
    /// gap, if its sizes are exact. As [`Index::check_prefix`] a step to be made after
    /// [`Index::build`]; without it the block is a gap behind the last member.
    pub fn set_signing_block(&mut self, head: &[u8], tail: &[u8]) {
        if let Some(block) = signing::block(self.behind_members(), tail)
            && let Some(zeros) = signing::padding(block, head)
        {
            self.members_end = block.start;
            self.padding_start = block.start.saturating_sub(zeros);
        }
    }

    /// The APK Signing Block, if [`Index::set_signing_block`] took one.
    #[must_use]
    pub fn signing_block(&self) -> Option<Span> {
        let block = Span { start: self.members_end, end: self.directory.start };
        (!block.is_empty()).then_some(block)
    }

    /// From here on there are no members and no gap behind them: zeros may follow that align what
    /// stands behind the members. For [`Padded`](crate::audit::Padded).
    #[must_use]
    pub const fn padding_start(&self) -> u64 {
        self.padding_start
    }

    /// What lies between the least that the last member takes, and the directory.
    const fn behind_members(&self) -> Span {
        Span { start: self.last_end, end: self.directory.start }
    }

    /// All entries, in the order of the same directory bytes.
    pub fn entries<'a>(&self, bytes: &'a [u8]) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        // The walk that built the index saw no error.
        read::entries(bytes, self.directory.start).map_while(Result::ok)
    }

    /// Number of entries.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.headers.len()
    }

    /// True when there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.headers.is_empty()
    }

    /// Relaxations the archive needed to get this far.
    #[must_use]
    pub const fn needs(&self) -> Relax {
        self.needs
    }

    /// Bytes before the first member.
    #[must_use]
    pub const fn prefix_len(&self) -> u64 {
        self.first
    }

    /// The entry of this number, out of the same directory bytes; `None` past the last.
    #[must_use]
    pub fn entry<'a>(&self, bytes: &'a [u8], number: usize) -> Option<Result<Entry<'a>>> {
        let at = *self.headers.get(number)?;
        let rest = bytes.get(at as usize..)?;
        Some(read::entry(rest, self.directory.start + u64::from(at)))
    }

    /// Offset of an entry's local header in the file, prefix included.
    #[must_use]
    pub fn local_at(&self, entry: &Entry<'_>) -> u64 {
        // `least_span` proved the sum when the index was built.
        let at = self.base.saturating_add(entry.local().offset);
        match entry.local().disk {
            0 => at,
            disk => self.volume_start(disk).saturating_add(at),
        }
    }

    #[cold]
    fn volume_start(&self, disk: u32) -> u64 {
        self.volumes.get(disk as usize).copied().unwrap_or(0)
    }

    /// Entry numbers in the order in which their members stand in the archive.
    pub fn in_archive_order(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len()).map(move |rank| self.by_rank(rank))
    }

    fn by_rank(&self, rank: usize) -> usize {
        match &self.order {
            None => rank,
            Some(order) => order.get(rank).map_or(rank, |&number| number as usize),
        }
    }

    /// Where the member of this entry must have ended: the start of the next member in the
    /// archive, or of the directory.
    #[must_use]
    pub fn member_limit(&self, bytes: &[u8], number: usize, entry: &Entry<'_>) -> u64 {
        // The order of positions is that of offsets in the whole.
        let start = entry.local();
        let rank = match &self.order {
            None => number,
            Some(order) => order.partition_point(|&other| {
                self.entry(bytes, other as usize)
                    .and_then(Result::ok)
                    .is_some_and(|other| other.local() < start)
            }),
        };
        if rank + 1 >= self.len() {
            return self.members_end;
        }
        match self.entry(bytes, self.by_rank(rank + 1)) {
            Some(Ok(next)) => self.local_at(&next),
            _ => self.directory.start,
        }
    }

    fn check_count(&mut self, located: &Located, relax: Relax) -> Result<()> {
        let (claimed, found) = (located.claimed_entries, self.len() as u64);
        if claimed == found {
            return Ok(());
        }
        let error = Error::new(ErrorKind::Count { claimed, found }, located.eocd_at);
        if located.zip64 || claimed != found & 0xffff {
            return Err(error);
        }
        relax.allow(&mut self.needs, Relax::COUNT, error)
    }

    /// Sorts the members by their place and looks for shared bytes.
    fn sort(&mut self, bytes: &[u8], bounds: &Bounds<'_>) -> Result<()> {
        let mut spans = Vec::with_capacity(self.len());
        for (number, entry) in read::entries(bytes, self.directory.start).enumerate() {
            // Numbers fit: a directory of 2^32 bytes has fewer headers than 2^32.
            spans.push((bounds.least_span(&entry?)?, number as u32));
        }
        spans.sort_unstable_by_key(|(span, number)| (span.start, *number));
        for pair in spans.windows(2) {
            if let [(before, _), (after, number)] = pair
                && after.start < before.end
            {
                let at = self.entry(bytes, *number as usize).and_then(Result::ok);
                let at = at.map_or(self.directory.start, |entry| entry.at());
                return Err(Error::new(ErrorKind::Overlap { other: before.start }, at));
            }
        }
        self.first = spans.first().map_or(self.directory.start, |(span, _)| span.start);
        self.last_end = spans.last().map_or(0, |(span, _)| span.end);
        self.order = Some(spans.into_iter().map(|(_, number)| number).collect());
        Ok(())
    }
}

/// Where members may lie.
struct Bounds<'v> {
    /// Added to every offset.
    base: u64,
    /// Where the directory starts.
    limit: u64,
    volumes: VolumeMap<'v>,
}

/// How the members of a walk stand in the archive.
struct Order {
    /// Each starts behind the end of the one before.
    ascending: bool,
    /// Where the last one ends at least; where they ascend, it is the last of all.
    last_end: u64,
}

impl Bounds<'_> {
    /// Walks the directory, checks that each member lies within the bounds, and notes where each
    /// header is. This is most of what opening costs, so headers that are plain are looked at no
    /// closer than that takes.
    fn place(&self, bytes: &[u8], headers: &mut Vec<u32>) -> Result<Order> {
        let mut order = Order { ascending: true, last_end: self.base };
        let mut walk = read::entries(bytes, self.limit);
        loop {
            self.place_plain(&mut walk, headers, &mut order);
            let Some(entry) = walk.next() else { return Ok(order) };
            let entry = entry?;
            let span = self.least_span(&entry)?;
            order.ascending &= span.start >= order.last_end;
            order.last_end = span.end;
            // The directory is at most u32::MAX bytes long.
            headers.push((entry.at() - self.limit) as u32);
        }
    }

    /// The same for the headers that come next, up to the first that is not plain, or whose member
    /// is out of bounds.
    fn place_plain(&self, walk: &mut read::Entries<'_>, headers: &mut Vec<u32>, order: &mut Order) {
        // Offsets count from the base here: two 32-bit numbers and a name never pass 2^64.
        let room = match self.limit.checked_sub(self.base) {
            Some(room) if self.volumes.is_one() => room,
            _ => return,
        };
        let mut last_end = order.last_end.saturating_sub(self.base);
        let mut ascending = order.ascending;
        walk.skim(|at, header| {
            let start = u64::from(header.offset);
            let end = start
                + local::FIXED_LEN as u64
                + u64::from(header.name_len)
                + u64::from(header.compressed_size);
            let fits = end <= room;
            if fits {
                ascending &= start >= last_end;
                last_end = end;
                headers.push(at);
            }
            fits
        });
        order.ascending = ascending;
        order.last_end = self.base.saturating_add(last_end);
    }

    /// The least the member can take, checked against the bounds.
    #[inline]
    fn least_span(&self, entry: &Entry<'_>) -> Result<Span> {
        let local = entry.local();
        let start = if self.volumes.is_one() {
            local.offset.checked_add(self.base).filter(|_| local.disk == 0)
        } else {
            // No base there: see the locator.
            self.volumes.resolve(local)
        };
        let span = start.and_then(|start| Span::at(start, entry.least_len()?));
        match span {
            Some(span) if span.end <= self.limit => Ok(span),
            _ => Err(self.outside(entry)),
        }
    }

    #[cold]
    fn outside(&self, entry: &Entry<'_>) -> Error {
        let Position { disk, offset } = entry.local();
        let kind = match (self.volumes.span(disk), entry.missing_zip64()) {
            (None, _) => ErrorKind::OtherDisk { disk },
            (_, Some(field)) => ErrorKind::MissingZip64 { field },
            (Some(volume), None) => {
                let start = volume.start.saturating_add(offset).saturating_add(self.base);
                ErrorKind::OutOfBounds {
                    record: Record::LocalHeader,
                    start,
                    end: start.saturating_add(entry.least_len().unwrap_or(u64::MAX)),
                    // The position itself may lie behind the end of its volume.
                    limit: if offset > volume.len() {
                        volume.end.min(self.limit)
                    } else {
                        self.limit
                    },
                }
            }
        };
        Error::new(kind, entry.at())
    }
}

/// Room for the entries the archive claims, but never more than its bytes can hold.
fn bounded_capacity(located: &Located, bytes: &[u8]) -> usize {
    let most = bytes.len() / crate::central::FIXED_LEN;
    usize::try_from(located.claimed_entries).unwrap_or(most).min(most)
}
