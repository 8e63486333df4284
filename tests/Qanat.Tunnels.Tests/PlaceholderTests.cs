namespace Qanat.Tunnels.Tests;

public class PlaceholderTests
{
    [Xunit.Fact]
    public void Builds() { }
}
