using Qanat.Daemon.Control;
using Qanat.Daemon.Devices;
using Qanat.Linux;
using Qanat.Tunnels;

namespace Qanat.Daemon.Tests.Fakes;

/// <summary>A kernel's devices, in memory. They outlive the daemons that are built on them.</summary>
internal sealed class FakeDevices(CrashPoint? crash = null) : ITunnelDevices
{
    private readonly SortedDictionary<int, DeviceInfo> _devices = new() { [1] = new(1, "lo", 65536, true, false) };
    private readonly HashSet<int> _fleeting = [];
    private int _nextIndex = 10;

    /// <summary>Which device leads to a remote; by default none does.</summary>
    public Func<TunnelParameters, int> Route { get; set; } = _ => 0;

    /// <summary>Thrown by the next call that alters anything.</summary>
    public LinuxException? NextFault { get; set; }

    public IEnumerable<DeviceInfo> Tuns => _devices.Values.Where(device => device.IsTun);

    public DeviceInfo AddForeign(string name, int mtu = 1500, int? index = null)
    {
        var device = new DeviceInfo(index ?? _nextIndex++, name, mtu, true, false);
        _devices.Add(device.Index, device);
        return device;
    }

    public void RenameForeign(int index, string name) => _devices[index] = _devices[index] with { Name = name };

    public void Remove(int index) => _devices.Remove(index);

    /// <summary>What the kernel does when a process ends: devices that are not persistent go.</summary>
    public void ProcessEnds()
    {
        foreach (var index in _fleeting)
            _devices.Remove(index);
        _fleeting.Clear();
    }

    public INewDevice Create(string name, TunnelMode mode, int mtu)
    {
        Act();
        if (Find(name) is not null)
            throw new LinuxException("create", Errno.EEXIST);
        var device = new DeviceInfo(_nextIndex++, name, mtu, false, true);
        _devices.Add(device.Index, device);
        _fleeting.Add(device.Index);
        return new NewDevice(this, device.Index);
    }

    public void Delete(int index)
    {
        Act();
        _devices.Remove(index);
    }

    public void DeleteTogether(IReadOnlyList<int> indices)
    {
        foreach (var index in indices)
            Delete(index);
    }

    /// <summary>The IPv6 addresses that each device was given.</summary>
    public Dictionary<int, IReadOnlyList<DeviceAddress>> Addresses { get; } = [];

    /// <summary>This host's IPv4 addresses.</summary>
    public List<HostAddress> Host { get; } = [];

    public void GiveAddresses(int index, IReadOnlyList<DeviceAddress> addresses) => Addresses[index] = addresses;

    public IReadOnlyList<HostAddress> HostAddresses() => Host;

    public void SetMtu(int index, int mtu)
    {
        Act();
        _devices[index] = _devices[index] with { Mtu = mtu };
    }

    public DeviceInfo? Find(string name) => _devices.Values.FirstOrDefault(device => device.Name == name);

    public DeviceInfo? Find(int index) => _devices.GetValueOrDefault(index);

    /// <summary>How often all devices were listed.</summary>
    public int Listings { get; private set; }

    public IReadOnlyList<DeviceInfo> List()
    {
        Listings++;
        return [.. _devices.Values];
    }

    public void Dispose()
    {
    }

    public int RouteDevice(TunnelParameters parameters) => Route(parameters);

    private void Act()
    {
        crash?.Step();
        if (NextFault is not { } fault)
            return;
        NextFault = null;
        throw fault;
    }

    private sealed class NewDevice(FakeDevices owner, int index) : INewDevice
    {
        public int Index => index;

        public void Persist()
        {
            owner.Act();
            owner._fleeting.Remove(index);
        }

        public void Dispose()
        {
            if (owner._fleeting.Remove(index))
                owner._devices.Remove(index);
        }
    }
}
