SELECT document FROM rollups
