namespace Qanat.Daemon.Tests;

public class PlaceholderTests
{
    [Xunit.Fact]
    public void Builds() { }
}
