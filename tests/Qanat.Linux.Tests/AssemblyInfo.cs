// One at a time: a process that another test has just forked holds all our descriptors until it executes, and a device or a port
// that was closed meanwhile is still taken. Some tests count what the whole process holds, too.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
