Console.WriteLine("qanat");
