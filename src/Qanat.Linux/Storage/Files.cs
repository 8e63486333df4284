namespace Qanat.Linux.Storage;

/// <summary>Files in a folder that anybody may have taken away.</summary>
public static class Files
{
    /// <summary>Deletes a file; one that is not there, with its folder or without, is no error.</summary>
    /// <exception cref="IOException">It could not be deleted.</exception>
    public static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
        }
    }
}
