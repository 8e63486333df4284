namespace Qanat.Linux.Tests;

/// <summary>Tests that count what the whole process holds, and so run while no other does.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
