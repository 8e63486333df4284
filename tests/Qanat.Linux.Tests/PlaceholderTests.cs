namespace Qanat.Linux.Tests;

public class PlaceholderTests
{
    [Xunit.Fact]
    public void Builds() { }
}
