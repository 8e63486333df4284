using Qanat.Linux.Ethtool;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Ethtool;

public class DeviceOffloadsTests
{
    [Fact]
    public void Offloads_are_what_ethtool_set()
    {
        using var host = new TestNamespace();
        host.Do("ip link add v0 type veth peer name v1", "ethtool -K v0 tx on tso on gro on");
        Assert.Equal(new DeviceOffloads(TransmitChecksum: true, Tso: true, Gro: true, Lro: false), Of("v0"));
        host.Do("ethtool -K v0 tso off gro off");
        Assert.Equal(new DeviceOffloads(TransmitChecksum: true, Tso: false, Gro: false, Lro: false), Of("v0"));
        host.Do("ethtool -K v0 tx off");
        Assert.Equal(default(DeviceOffloads), Of("v0"));

        DeviceOffloads? Of(string device) => host.Enter(() => DeviceOffloads.Of(device));
    }

    [Theory]
    [InlineData("nosuch")]
    [InlineData("")]
    [InlineData("a-name-that-is-too-long")]
    public void A_device_that_is_not_there_has_none(string name) => Assert.Null(DeviceOffloads.Of(name));
}
