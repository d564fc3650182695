//! The validated layout of a directory: where each central header is, and in which order the
//! members stand in the archive, so that the end of each is known.
//!
//! *Limits*: half a byte an entry, and 4 more where directory order and archive order differ (28
//! while these are sorted); O(n) time for archives in order, O(n log n) for others.

use alloc::vec::Vec;

use super::headers::Headers;
use super::order::Order;
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
    /// Where each central header is in the directory.
    headers: Headers,
    /// How the members follow each other; absent where that is directory order.
    order: Option<Order>,
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
        let mut headers = Headers::with_capacity(bounded_capacity(located, bytes));
        let Placed { ascending, last_end } = bounds.place(bytes, &mut headers)?;
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
        self.headers.len() == 0
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
        let at = self.headers.at(bytes, number)?;
        Some(read::entry(bytes.get(at..)?, self.directory.start + at as u64))
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
        let first = match &self.order {
            None => (!self.is_empty()).then_some(0),
            Some(order) => order.first(),
        };
        core::iter::successors(first, |&number| match &self.order {
            None => Some(number + 1).filter(|&next| next < self.len()),
            Some(order) => order.behind(number),
        })
    }

    /// Where the member of this entry must have ended: the start of the next member in the
    /// archive, or of the directory.
    #[must_use]
    pub fn member_limit(&self, bytes: &[u8], number: usize, entry: &Entry<'_>) -> u64 {
        let next = match &self.order {
            // The next header stands behind this one.
            None if number + 1 >= self.len() => None,
            None => {
                let at = entry.at().saturating_add(entry.header().len() as u64);
                let from =
                    usize::try_from(at.saturating_sub(self.directory.start)).unwrap_or(usize::MAX);
                Some(read::entry(bytes.get(from..).unwrap_or(&[]), at))
            }
            Some(order) => order.behind(number).and_then(|next| self.entry(bytes, next)),
        };
        match next {
            None => self.members_end,
            Some(Ok(next)) => self.local_at(&next),
            // Not the bytes of this directory.
            Some(Err(_)) => self.directory.start,
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
        let mut members = Vec::with_capacity(self.len());
        for (number, entry) in read::entries(bytes, self.directory.start).enumerate() {
            // Numbers fit: a directory of 2^32 bytes has fewer headers than 2^32.
            members.push((bounds.least_span(&entry?)?, number as u32));
        }
        let (order, all) = match Order::new(members) {
            Ok(sorted) => sorted,
            Err(overlap) => {
                let entry = self.entry(bytes, overlap.number as usize).and_then(Result::ok);
                return overlap.error(entry.map_or(self.directory.start, |entry| entry.at()));
            }
        };
        (self.first, self.last_end) = (all.start, all.end);
        self.order = Some(order);
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
struct Placed {
    /// Each starts behind the end of the one before.
    ascending: bool,
    /// Where the last one ends at least; where they ascend, it is the last of all.
    last_end: u64,
}

impl Bounds<'_> {
    /// Walks the directory, checks that each member lies within the bounds, and notes where each
    /// header is. This is most of what opening costs, so headers that are plain are looked at no
    /// closer than that takes.
    fn place(&self, bytes: &[u8], headers: &mut Headers) -> Result<Placed> {
        let mut placed = Placed { ascending: true, last_end: self.base };
        let mut walk = read::entries(bytes, self.limit);
        loop {
            self.place_plain(&mut walk, headers, &mut placed);
            let Some(entry) = walk.next() else { return Ok(placed) };
            let entry = entry?;
            let span = self.least_span(&entry)?;
            placed.ascending &= span.start >= placed.last_end;
            placed.last_end = span.end;
            // The directory is at most u32::MAX bytes long.
            headers.push((entry.at() - self.limit) as u32);
        }
    }

    /// The same for the headers that come next, up to the first that is not plain, or whose member
    /// is out of bounds.
    fn place_plain(
        &self,
        walk: &mut read::Entries<'_>,
        headers: &mut Headers,
        placed: &mut Placed,
    ) {
        // Offsets count from the base here: two 32-bit numbers and a name never pass 2^64.
        let room = match self.limit.checked_sub(self.base) {
            Some(room) if self.volumes.is_one() => room,
            _ => return,
        };
        let mut last_end = placed.last_end.saturating_sub(self.base);
        let mut ascending = placed.ascending;
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
        placed.ascending = ascending;
        placed.last_end = self.base.saturating_add(last_end);
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
