using System.Runtime.Versioning;

// Hosts, kernels and daemons share two cores: one at a time keeps what they measure steady.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
[assembly: SupportedOSPlatform("linux")]
