using Qanat.Cli.Client;
using Qanat.Daemon.Api;
using Qanat.Daemon.Control;
using Qanat.Daemon.Tests.Fakes;

namespace Qanat.Cli.Tests.Support;

/// <summary>The daemon's control plane, called without a socket between; its errors take the API's form.</summary>
internal sealed class ControlPlaneClient(TunnelManager tunnels, SettingsBench? settings = null) : TunnelsAlone(settings), IQanatClient
{
    public IReadOnlyList<TunnelReport> List() => tunnels.List();

    public TunnelReport Get(string name) => Call(() => Task.FromResult(tunnels.Get(name)));

    public void Add(TunnelSpec spec) => Call(() => tunnels.AddAsync(spec));

    public void Change(string name, TunnelSpec spec) => Call(() => tunnels.ChangeAsync(name, spec));

    public void Delete(string name) => Call(async () =>
    {
        await tunnels.RemoveAsync(name);
        return true;
    });

    public void AddRouter(string name, RouterSpec router) => Call(() => tunnels.AddRouterAsync(name, router));

    public void DeleteRouter(string name, RouterSpec router) => Call(() => tunnels.RemoveRouterAsync(name, router));

    public void Set6rd(string name, SixRdSpec prefixes) => Call(() => tunnels.Set6rdAsync(name, prefixes));

    public void Reset6rd(string name) => Call(() => tunnels.Reset6rdAsync(name));

    public DaemonStatus? Status() => null;

    public string? Metrics() => null;

    public Stream? Capture(string name, int snapLength) => null;
}
