using Qanat.Testing;
using Xunit;

namespace Qanat.Packets.Tests;

/// <summary>What others build upon does not change by accident.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_public_api_is_the_one_written_down() =>
        PublicApi.AssertUnchanged(typeof(PacketBatch).Assembly, "tests/Qanat.Packets.Tests/PublicApi.txt");
}
