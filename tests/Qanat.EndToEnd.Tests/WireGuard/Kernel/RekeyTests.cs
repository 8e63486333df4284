using Qanat.EndToEnd.Tests.Interop;
using Xunit;

namespace Qanat.EndToEnd.Tests.WireGuard.Kernel;

/// <summary>New keys under traffic, without the loss of a packet, whoever is at the other end, and whoever began.</summary>
[Collection(nameof(KernelPair))]
public sealed class RekeyTests(KernelPair pair)
{
    // All at once, for it takes two minutes.
    [Fact]
    public async Task No_packet_is_lost_when_keys_are_changed()
    {
        List<Rekeying> all = [];
        using var newer = new NewerLibCrypto();
        try
        {
            var ours = new KernelTunnel(pair, 1);
            ours.Tell(us: true);
            all.Add(new("qanat-wg to kernel", ours, (command, seconds) => pair.Host.Run(command, TimeSpan.FromSeconds(seconds)),
                ours.TheirInner, () => ours.Ours.Show("latest-handshakes")));
            var theirs = new KernelTunnel(pair, 2);
            theirs.Tell(us: false);
            all.Add(new("kernel to qanat-wg", theirs, (command, seconds) => pair.Kernel.Run(command, seconds),
                theirs.OurInner, () => theirs.ShowTheirs("latest-handshakes")));
            all.Add(Rekeying.Between("qanat-wg", "qanat-wg"));
            all.Add(Rekeying.Between("qanat-wg", "wireguard-go"));
            all.Add(Rekeying.Between("wireguard-go", "qanat-wg"));
            all.Add(Rekeying.Between(newer.Program, newer.Program));
            Assert.Equal(
                all.Select(rekeying => $"{rekeying.Name}: all came back, under new keys"),
                await Task.WhenAll(all.Select(rekeying => rekeying.EndAsync())));
        }
        finally
        {
            all.ForEach(rekeying => rekeying.Dispose());
        }
    }
}
