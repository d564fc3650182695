//! The examples, run: each is a module here, so that what a reader sees is what is tested.

macro_rules! examples {
    ($($(#[$condition:meta])* $name:ident = $file:literal;)*) => {
        $(
            $(#[$condition])*
            #[path = $file]
            mod $name;

            $(#[$condition])*
            #[test]
            fn $name() {
                $name::main().unwrap();
            }
        )*
    };
}

examples! {
    memory_with_progress = "../../examples/memory_with_progress.rs";
    queue = "../../examples/queue.rs";
    one_failing_input = "../../examples/one_failing_input.rs";
    cancel = "../../examples/cancel.rs";
    edit = "../../examples/edit.rs";
    #[cfg(feature = "async")]
    async_streams = "../../examples/async_streams.rs";
}
