using Qanat.Cli.Client;
using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Cli.Tests.Support;

/// <summary>No daemon runs, and this user cannot start one.</summary>
internal sealed class UnprivilegedClient : TunnelsAlone, IQanatClient
{
    public const string Hint = "CAP_NET_ADMIN is missing: run as root.";

    public IReadOnlyList<TunnelReport> List() => [];

    public TunnelReport Get(string name) => throw new ApiException(Errno.ENODEV);

    public void Add(TunnelSpec spec) => throw new ApiException(Errno.EPERM, Hint);

    public void Change(string name, TunnelSpec spec) => throw new ApiException(Errno.ENODEV);

    public void Delete(string name) => throw new ApiException(Errno.ENODEV);

    public void AddRouter(string name, RouterSpec router) => throw new ApiException(Errno.ENODEV);

    public void DeleteRouter(string name, RouterSpec router) => throw new ApiException(Errno.ENODEV);

    public void Set6rd(string name, SixRdSpec prefixes) => throw new ApiException(Errno.ENODEV);

    public void Reset6rd(string name) => throw new ApiException(Errno.ENODEV);

    public DaemonStatus? Status() => null;

    public string? Metrics() => null;

    public Stream? Capture(string name, int snapLength) => null;
}
