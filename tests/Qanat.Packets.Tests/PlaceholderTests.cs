namespace Qanat.Packets.Tests;

public class PlaceholderTests
{
    [Xunit.Fact]
    public void Builds() { }
}
