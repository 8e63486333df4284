using Qanat.Cli.Client;
using Qanat.Daemon.Api;
using Qanat.Daemon.Control;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux;

namespace Qanat.Cli.Tests.Support;

/// <summary>What is kept beside the tunnels: a bench's, called without a socket between, or nothing.</summary>
internal abstract class TunnelsAlone(SettingsBench? settings = null)
{
    public IReadOnlyList<FouPort> ListFouPorts() => settings?.Fou.List() ?? [];

    public void AddFouPort(FouPort port) => Call(Settings.Fou.AddAsync(port));

    public void DeleteFouPort(FouPort port) => Call(Settings.Fou.RemoveAsync(port));

    public IReadOnlyList<L2tpTunnel> ListL2tpTunnels() => settings?.L2tp.List() ?? [];

    public void AddL2tpTunnel(L2tpTunnel tunnel) => Call(Settings.L2tp.AddAsync(tunnel));

    public void DeleteL2tpTunnel(uint id) => Call(Settings.L2tp.RemoveAsync(id));

    public IReadOnlyList<FdbEntry> ListFdb(string name) => Call(() => Settings.Fdb.ListAsync(name));

    public void AddFdb(string name, string verb, FdbEntry entry) =>
        Call(Settings.Fdb.AddAsync(name, entry, Enum.Parse<FdbVerb>(verb, ignoreCase: true)));

    public void DeleteFdb(string name, FdbEntry entry) => Call(Settings.Fdb.RemoveAsync(name, entry.Mac, devices =>
        FdbRecords.Destination("delete fdb entry", entry.Dst, entry.Port, entry.Vni, entry.Via, devices)));

    public void FlushFdb(string name, FdbFilter filter) => Call(Settings.Fdb.FlushAsync(name, filter));

    /// <summary>Makes a call; its errors take the API's form.</summary>
    protected static T Call<T>(Func<Task<T>> call)
    {
        try
        {
            return call().GetAwaiter().GetResult();
        }
        catch (LinuxException refused)
        {
            throw new ApiException(ApiErrors.From(refused).Error);
        }
    }

    private SettingsBench Settings => settings ?? throw new ApiException(Errno.EPERM, UnprivilegedClient.Hint);

    private static void Call(Task call) => Call(async () =>
    {
        await call;
        return true;
    });
}
