//! The result of one push through a coder.

/// What a coder needs before it can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Want {
    /// More input: all that was given is used, and there was room left in the output.
    Input,
    /// More room: the output slice is full. More may come out, or the stream may turn out to be at
    /// its end.
    Output,
    /// Nothing: an encoder has delivered all its output, a decoder has seen the end of its stream.
    Nothing,
}

/// What one push did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// Bytes of the input slice that need not be given again.
    pub consumed: usize,
    /// Bytes at the start of the output slice that were filled.
    pub produced: usize,
    /// What the next push should bring.
    pub want: Want,
}
