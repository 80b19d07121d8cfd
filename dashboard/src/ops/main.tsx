import "../shared/fonts.css";
