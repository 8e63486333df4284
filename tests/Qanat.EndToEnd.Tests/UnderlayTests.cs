using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>Wires that are not like the experiment's.</summary>
public sealed class UnderlayTests : IDisposable
{
    private readonly TwoHosts _hosts = new();

    public void Dispose() => _hosts.Dispose();

    [Fact]
    public async Task Jumbo_frames_carry_jumbo_packets()
    {
        Both("ip link set eth0 mtu 9000");
        AddTunnels();
        Assert.Equal(8980, _hosts.A.Link("tun1").GetProperty("mtu").GetInt32());

        using var wire = new Capture(_hosts.A, "eth0", "ip proto 4 and greater 9000");
        _hosts.A.Do($"ping -c 3 -i 0.2 -W 2 -M do -s 8952 {Experiment.InnerB}");
        Assert.All(wire.WaitFor(3), packet => Assert.Equal(9000, new IPv4Fields(packet).TotalLength));
        await _hosts.A.TransferAsync(_hosts.B, Experiment.InnerB);
    }

    [Fact]
    public async Task A_receiver_whose_kernel_has_already_joined_the_outer_packets_gets_every_bit()
    {
        // Then the raw socket sees packets of up to 64 KiB, their inner checksums left partial.
        Both("ethtool -K eth0 gro on");
        AddTunnels();
        await _hosts.A.TransferAsync(_hosts.B, Experiment.InnerB);
        await _hosts.B.TransferAsync(_hosts.A, Experiment.InnerA);
    }

    [Fact]
    public async Task A_wire_that_loses_its_neighbour_entries_goes_on()
    {
        AddTunnels();
        var transfer = _hosts.A.TransferAsync(_hosts.B, Experiment.InnerB);
        while (!transfer.IsCompleted)
        {
            _hosts.A.Run("ip neigh flush dev eth0");
            await Task.WhenAny(transfer, Task.Delay(50, TestContext.Current.CancellationToken));
        }
        await transfer;
    }

    private void Both(string command)
    {
        _hosts.A.Do(command);
        _hosts.B.Do(command);
    }

    private void AddTunnels()
    {
        _hosts.A.Do($"qanat tunnel add tun1 mode ipip remote {TwoHosts.AddressOfB} local {TwoHosts.AddressOfA}",
            "ip link set tun1 up", $"ip a add {Experiment.InnerA} peer {Experiment.InnerB} dev tun1");
        _hosts.B.Do($"qanat tunnel add tun1 mode ipip remote {TwoHosts.AddressOfA} local {TwoHosts.AddressOfB}",
            "ip link set tun1 up", $"ip a add {Experiment.InnerB} peer {Experiment.InnerA} dev tun1");
    }
}
